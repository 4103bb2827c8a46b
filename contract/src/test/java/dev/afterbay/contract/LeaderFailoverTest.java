package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.rules.ClaimRules;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * A ledger leads, its batches are the entries of a shared log, and another one goes on with the
 * tables that survive: as a cluster will do it.
 */
class LeaderFailoverTest {

  private static final int SEEDS = Integer.getInteger("afterbay.failover.seeds", 1_000);
  private static final int STEPS = 80;
  private static final long LEASE_TICKS = 5_000;
  private static final String QUEUE = "q";

  /** However many leaders fail, no job does. */
  private static final QueueSettings SETTINGS =
      QueueSettings.STANDARD.maxAttempts(QueueSettings.UNLIMITED);

  @Test
  void nothingThatWasDurableIsLostAndNoFenceIsGivenTwiceWhoeverLeads() {
    int failovers = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Run run = new Run(seed);
      try {
        run.run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e, e);
      }
      failovers += run.failovers;
    }
    assertThat(failovers).as("leaders that followed another").isGreaterThan(SEEDS);
  }

  @Test
  void aLeaderWhoseTermIsOverStopsAndChangesNothing() {
    Run run = new Run(1);
    MemoryStore old = run.store;
    run.store = run.lead();
    Job job = run.created("late");
    Commit late = Commit.synced(new Change.Append(job, null));

    assertThat(refuses(old, late)).isInstanceOf(ReplicatedTables.Refused.class);
    assertThat(refuses(old, late)).isInstanceOf(BrokerException.Unavailable.class);
    assertThat(run.store.find(List.of(job.id()), false)).isEmpty();
    assertThat(run.store.commit(late)).isInstanceOf(Committed.Done.class);
  }

  private static RuntimeException refuses(MemoryStore store, Commit commit) {
    try {
      store.commit(commit);
    } catch (RuntimeException e) {
      return e;
    }
    throw new AssertionError("it was written");
  }

  /** A message as whoever sent it knows it. */
  private static final class Sent {
    boolean durable;
    boolean perhapsEnded;
    boolean ended;
    long seq;
    String session = "";
  }

  /** Leaders, one after the other, and those who use them. */
  private static final class Run {
    private final SplittableRandom random;
    private final TestClock clock = new TestClock(_ -> {});
    private final ReplicatedTables.Log log;
    private final Map<JobId, Sent> all = new HashMap<>();
    private final Set<Long> fences = new HashSet<>();
    private final List<Job> claimed = new ArrayList<>();
    private MemoryStore store;
    private long epoch;
    private long epochBefore;
    private long ids;
    private int failovers;

    Run(long seed) {
      this.random = new SplittableRandom(seed);
      this.log = new ReplicatedTables.Log(random);
      this.store = lead();
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        log.refuse(0.05);
        try {
          step();
        } catch (ReplicatedTables.Refused _) {
          failOver();
        }
      }
      log.refuse(0);
      log.syncAll();
      workOff();
    }

    private void step() {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> send();
        case 3, 4 -> claim();
        case 5, 6 -> settle();
        default -> {
          if (random.nextInt(8) == 0) {
            failOver(); // not only a leader that finds out by itself is followed by another
          }
        }
      }
    }

    private void send() {
      Job job = created(random.nextBoolean() ? "" : "s" + random.nextInt(2));
      Sent sent = new Sent();
      sent.session = job.line() == null ? "" : job.line();
      all.put(job.id(), sent);
      store.commit(Commit.synced(new Change.Append(job, null)));
      sent.durable = log.sync();
      sent.seq = store.find(List.of(job.id()), false).getFirst().seq();
    }

    Job created(String session) {
      JobId id = new JobId(new UUID(clock.now().wall().toEpochMilli() << 16 | 0x7000, ++ids));
      Message message = Message.of("note", "hello");
      Message sent = session.isEmpty() ? message : message.session(session);
      return Job.created(id, QUEUE, sent, SETTINGS, store.clock().now());
    }

    private void claim() {
      boolean detached = random.nextBoolean();
      Claim claim = new Claim(QUEUE, "c", LEASE_TICKS, detached, 2, ReceiveOptions.Types.ALL, null);
      for (Job job : store.claim(claim)) {
        handedOut(job);
        claimed.add(job);
      }
    }

    private void handedOut(Job job) {
      check(fences.add(job.lease().fence()), "a fence was given twice", job);
      check(ClaimRules.epoch(job.lease()) > epochBefore, "the fence is of an earlier leader", job);
      epoch = ClaimRules.epoch(job.lease());
      check(!sent(job).ended, "had ended", job);
      if (job.line() != null) {
        all.values()
            .forEach(other -> {
              boolean isBefore = other.session.equals(job.line()) && other.seq < job.seq();
              check(!isBefore || !other.durable || other.perhapsEnded, "came too early", job);
            });
      }
    }

    private void settle() {
      if (claimed.isEmpty()) {
        return;
      }
      Job job = claimed.remove(random.nextInt(claimed.size()));
      Sent sent = sent(job);
      boolean before = sent.perhapsEnded;
      sent.perhapsEnded = true;
      Transition done = job.settled(Outcome.done(), SETTINGS, store.clock().now(), random);
      Committed committed = store.commit(Commit.synced(StoreUser.swap(job, done)));
      if (committed instanceof Committed.Stale(int _, Job now, var _)) {
        sent.perhapsEnded = before;
        check(now == null || !isUnder(job.lease().fence(), now), "was refused its fence", job);
      } else {
        sent.ended = log.sync();
      }
    }

    private Sent sent(Job job) {
      return Objects.requireNonNull(all.get(job.id()), "nobody sent it");
    }

    private static void check(boolean holds, String otherwise, Object subject) {
      if (!holds) {
        throw new AssertionError(otherwise + ": " + subject);
      }
    }

    private static boolean isUnder(long fence, Job job) {
      return job.status() instanceof Status.Processing(var lease) && lease.fence() == fence;
    }

    /** Another leader: what is not durable may be gone, and what is must be there. */
    void failOver() {
      failovers++;
      epochBefore = epoch;
      store.close();
      store = lead();
      all.forEach((id, sent) -> {
        List<Job> found = store.find(List.of(id), false);
        boolean isThere = !found.isEmpty();
        check(isThere || !sent.durable || sent.perhapsEnded, "is lost", id);
        check(!isThere || !sent.ended, "is back", id);
        sent.durable |= isThere;
        sent.seq = isThere ? found.getFirst().seq() : sent.seq;
      });
      orphans();
    }

    private void orphans() {
      for (Job job : store.overdue(Overdue.ORPHANED, 1_000)) {
        Transition back = job.orphaned("its leader is gone", SETTINGS, store.clock().now());
        store.commit(Commit.synced(StoreUser.swap(job, back)));
      }
    }

    /** Nothing is answered before the raised epoch is durable; a leader that cannot is none. */
    private MemoryStore lead() {
      log.refuse(0);
      MemoryStore next = MemoryStore.open(log.lead(), clock, new Ledger.Sizes(3, 2));
      log.syncAll();
      return next;
    }

    private void workOff() {
      failOver();
      for (int round = 0; round < 1_000 && store.stats(QUEUE).depth() > 0; round++) {
        claim();
        settle();
        if (claimed.isEmpty()) {
          clock.advance(Duration.ofMillis(LEASE_TICKS));
          for (Job job : store.overdue(Overdue.LAPSED, 1_000)) {
            Transition lapsed = job.orphaned("lapsed", SETTINGS, store.clock().now());
            store.commit(Commit.synced(StoreUser.swap(job, lapsed)));
          }
        }
      }
      check(store.stats(QUEUE).depth() == 0, "cannot be worked off", store.peek(QUEUE, 10));
    }
  }
}
