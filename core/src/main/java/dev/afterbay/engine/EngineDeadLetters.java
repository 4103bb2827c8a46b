package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.DeadLetters;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Moment;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The failed jobs of a queue of an engine. */
final class EngineDeadLetters implements DeadLetters {

  private static final int PAGE = 200;

  /** Many long errors on a slow disk: who asks gets what was counted by then. */
  private static final long COUNT_TICKS_MAX = 5_000;

  private final Engine engine;
  private final String queue;
  private final DeadLetterLeases leases;

  EngineDeadLetters(Engine engine, String queue) {
    this.engine = engine;
    this.queue = queue;
    this.leases = engine.deadLetterLeases;
  }

  @Override
  public Stats stats() {
    engine.requireQueue(queue);
    DeadLetterCount count = new DeadLetterCount(engine.clock().now().wall());
    long end = engine.clock().now().tick() + COUNT_TICKS_MAX;
    Instant newest = null;
    String cursor = null;
    do {
      Jobs.JobPage page = page(true, cursor, PAGE);
      for (Job job : page.jobs()) {
        newest = newest == null ? failedAt(job) : newest;
        count.add(job);
      }
      cursor = page.next();
    } while (cursor != null
        && count.lookedAt() < LOOKED_AT_MAX
        && engine.clock().now().tick() < end);
    Instant oldest =
        page(false, null, 1).jobs().stream().findFirst().map(this::failedAt).orElse(null);
    return count.stats(engine.store.stats(queue).failed(), oldest, newest);
  }

  private Jobs.JobPage page(boolean newestFirst, @Nullable String cursor, int max) {
    return engine.store.ended(queue, Status.Kind.FAILED, newestFirst, cursor, max);
  }

  private @Nullable Instant failedAt(Job job) {
    return job.status() instanceof Status.Failed(Instant at, _, _) ? at : null;
  }

  @Override
  public List<Job> peek(int max, long bytesMax) {
    engine.requireQueue(queue);
    List<JobId> ids = new ArrayList<>();
    page(false, null, most(max)).jobs().forEach(job -> ids.add(job.id()));
    return engine.store.find(ids, bytesMax).stream().filter(this::isDeadLetter).toList();
  }

  private static int most(int max) {
    if (max < 1) {
      throw new BrokerException.Rejected("max", "max must be at least 1: " + max);
    }
    return Math.min(max, Receiver.RECEIVE_MAX);
  }

  /** It may have been redriven or deleted since it was seen. */
  private boolean isDeadLetter(Job job) {
    return job.status() instanceof Status.Failed && job.queue().equals(queue);
  }

  @Override
  public List<Leased> receive(int max, @Nullable Duration lease, long bytesMax) {
    engine.requireQueue(queue);
    int most = most(max);
    Moment now = engine.clock().now();
    long untilTick = now.tick() + leaseMillis(lease);
    Map<JobId, DeadLetterLeases.Held> taken = new LinkedHashMap<>();
    List<Leased> received = new ArrayList<>();
    try {
      take(taken, most, untilTick, now);
      for (Job job : engine.store.find(List.copyOf(taken.keySet()), bytesMax)) {
        DeadLetterLeases.Held held = taken.get(job.id());
        if (held != null && isDeadLetter(job) && job.state().version() == held.version()) {
          Receipt receipt = Tokens.letter(job.id(), held.number());
          received.add(new Leased(job, receipt, now.wallAt(untilTick)));
          taken.remove(job.id());
        }
      }
      return received;
    } finally {
      taken.forEach(
          this::giveBack); // Too large for now, or changed meanwhile; or none was brought.
    }
  }

  private void giveBack(JobId id, DeadLetterLeases.Held held) {
    leases.park(queue, id, held.number(), engine.clock().now());
    leases.free(queue, id, held);
  }

  /** Leases what nobody has, page by page. */
  private void take(Map<JobId, DeadLetterLeases.Held> taken, int max, long untilTick, Moment now) {
    String cursor = null;
    do {
      if (!leases.hasRoom(queue, now)) {
        return;
      }
      Jobs.JobPage page = page(false, cursor, Math.max(PAGE, max));
      for (Job job : page.jobs()) {
        if (taken.size() < max && isDeadLetter(job)) {
          long number = engine.random.nextLong() | 1; // Never that of what is parked.
          DeadLetterLeases.Held held =
              new DeadLetterLeases.Held(job.state().version(), number, untilTick);
          if (leases.take(job, held, now)) {
            taken.put(job.id(), held);
          }
        }
      }
      cursor = page.next();
    } while (cursor != null && taken.size() < max);
  }

  private long leaseMillis(@Nullable Duration lease) {
    Duration own = ReceiveOptions.STANDARD.lease(lease).lease();
    return (own != null ? own : engine.settingsOf(queue).lease()).toMillis();
  }

  @Override
  public List<Optional<BrokerException>> settle(List<Settled> settled) {
    engine.requireQueue(queue);
    return engine.in(queue, "settle", () -> new Settlement(settled).results());
  }

  /** One call that settles: those of it that change the job share a trip to the store. */
  private final class Settlement {
    private final List<Optional<BrokerException>> results;
    private final List<Ending> endings = new ArrayList<>();

    private record Ending(int place, JobId id, DeadLetterLeases.Held held, End end) {}

    Settlement(List<Settled> settled) {
      results = new ArrayList<>(Collections.nCopies(settled.size(), Optional.empty()));
      for (int i = 0; i < settled.size(); i++) {
        begin(i, settled.get(i));
      }
      try {
        commit();
      } catch (RuntimeException e) {
        // Not done, or perhaps: it may be tried again, and is done once.
        endings.forEach(each -> leases.unpark(queue, each.id(), each.held()));
        throw e;
      }
    }

    List<Optional<BrokerException>> results() {
      return results;
    }

    private void begin(int place, Settled settled) {
      try {
        Tokens.Claimed claimed = Tokens.claimedLetter(settled.receipt());
        JobId id = claimed.id();
        DeadLetterLeases.Held held = leases.park(queue, id, claimed.fence(), engine.clock().now());
        if (held == null) {
          lost(place, id);
        } else if (settled.end() == End.RELEASE) {
          leases.free(queue, id, held);
        } else if (settled.end() != End.RETRY) {
          endings.add(new Ending(place, id, held, settled.end()));
        }
      } catch (BrokerException.Rejected e) {
        results.set(place, Optional.of(e));
      }
    }

    private void lost(int place, JobId id) {
      results.set(place, Optional.of(new BrokerException.LeaseLost(id.toString())));
    }

    private void commit() {
      Map<JobId, Job> jobs = new HashMap<>();
      engine
          .store
          .find(endings.stream().map(Ending::id).toList(), false)
          .forEach(job -> jobs.put(job.id(), job));
      List<Ending> written = new ArrayList<>();
      List<Commit> commits = new ArrayList<>();
      for (Ending each : endings) {
        Job job = jobs.get(each.id());
        if (job != null && isDeadLetter(job) && job.state().version() == each.held().version()) {
          written.add(each);
          commits.add(Settling.commit(job, ended(job, each.end())));
        } else {
          lost(each.place(), each.id());
        }
      }
      List<Committed> committed = commits.isEmpty() ? List.of() : engine.store.commit(commits);
      for (int i = 0; i < committed.size(); i++) {
        if (!(committed.get(i) instanceof Committed.Done done) || done.before()) {
          lost(written.get(i).place(), written.get(i).id());
        }
      }
      endings.forEach(each -> leases.free(queue, each.id(), each.held()));
    }

    private Transition ended(Job job, End end) {
      Moment now = engine.clock().now();
      return end == End.REDRIVE ? job.redriven(now) : job.deleted(now);
    }
  }

  @Override
  public List<Optional<BrokerException>> renew(List<Receipt> receipts, @Nullable Duration lease) {
    engine.requireQueue(queue);
    Moment now = engine.clock().now();
    long untilTick = now.tick() + leaseMillis(lease);
    List<Optional<BrokerException>> results = new ArrayList<>(receipts.size());
    for (Receipt receipt : receipts) {
      results.add(renewed(receipt, untilTick, now));
    }
    return results;
  }

  private Optional<BrokerException> renewed(Receipt receipt, long untilTick, Moment now) {
    try {
      Tokens.Claimed claimed = Tokens.claimedLetter(receipt);
      return leases.renew(queue, claimed.id(), claimed.fence(), untilTick, now)
          ? Optional.empty()
          : Optional.of(new BrokerException.LeaseLost(claimed.id().toString()));
    } catch (BrokerException.Rejected e) {
      return Optional.of(e);
    }
  }
}
