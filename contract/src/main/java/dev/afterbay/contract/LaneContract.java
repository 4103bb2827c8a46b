package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * What a store hands out is what one would find who looked at every job each time: by rank, then by
 * order of acceptance, among the sessions that are free, of the types that are taken, when it is
 * due.
 */
public abstract class LaneContract {

  private static final int SEEDS = 40;
  private static final int STEPS = 200;
  private static final int PEEKED_MAX = 30;
  private static final int ALL = STEPS;
  private static final Outcome DONE = Outcome.done();
  private static final List<String> TYPES = List.of("a", "b", "c", "d");

  private final LaneModel model = new LaneModel();
  private final Map<String, SessionLease> holds = new HashMap<>();
  private SplittableRandom random = new SplittableRandom(0);
  private StoreUser user;

  /** Opens an empty store on the given clock. */
  protected abstract Store open(Clock clock) throws Exception;

  @BeforeEach
  final void openStore() {
    user =
        new StoreUser(
            clock -> {
              try {
                return open(clock);
              } catch (Exception e) {
                throw new IllegalStateException("the store cannot be opened", e);
              }
            },
            0);
  }

  @AfterEach
  final void closeStore() {
    user.store().close();
  }

  @RepeatedTest(SEEDS)
  final void aClaimIsWhatLookingAtEveryJobWouldGive(RepetitionInfo repetition) {
    play(repetition.getCurrentRepetition(), false);
  }

  @RepeatedTest(SEEDS / 4)
  final void aClaimFromAFifoQueueIsWhatLookingAtEveryJobWouldGive(RepetitionInfo repetition) {
    user.configure(QueueSettings.STANDARD.order(QueueSettings.Order.FIFO));
    play(repetition.getCurrentRepetition(), true);
  }

  private void play(int seed, boolean fifo) {
    random = new SplittableRandom(seed);
    for (int step = 0; step < STEPS; step++) {
      try {
        step(fifo);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ", step " + step + ": " + e.getMessage(), e);
      }
    }
    receiveAsPeeked(seed);
  }

  /** What is out is done, then one after the other is received and done. */
  private void receiveAsPeeked(int seed) {
    user.state(QueueState.Kind.ACTIVE);
    List<Job> peeked = user.store().peek(QUEUE, ALL);
    model.in(LaneModel.Stage.PROCESSING).forEach(out -> settled(out, user.job(out.id), DONE, null));
    holds.values().stream().filter(this::isOurs).forEach(user::free);
    List<JobId> received = new ArrayList<>();
    for (List<Job> next = user.claim(1); !next.isEmpty(); next = user.claim(1)) {
      user.settle(next.getFirst(), DONE);
      received.add(next.getFirst().id());
    }
    assertThat(peeked.stream().map(Job::id).limit(received.size()))
        .as("seed " + seed)
        .isEqualTo(received);
    assertThat(peeked.stream().skip(received.size()))
        .as("behind a job whose time has not come, seed " + seed)
        .allMatch(job -> job.line() != null && model.waits(job.line(), tick()));
  }

  private void step(boolean fifo) {
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> append(fifo);
      case 4, 5, 6 -> claim();
      case 7, 8, 9 -> any(LaneModel.Stage.PROCESSING, this::settle);
      case 10 -> any(LaneModel.Stage.PENDING, this::cancel);
      case 11 -> any(LaneModel.Stage.ENDED, this::redrive);
      case 12 -> hold(fifo);
      case 13 -> free();
      case 14 -> pauseOrResume();
      default -> pass();
    }
    if (!model.paused) {
      int max = 1 + random.nextInt(PEEKED_MAX);
      List<JobId> next = model.peek(max, tick());
      assertThat(user.store().peek(QUEUE, max).stream().map(Job::id).limit(next.size()))
          .as("peeked")
          .isEqualTo(next);
    }
  }

  private void append(boolean fifo) {
    String type = TYPES.get(random.nextInt(TYPES.size()));
    Message message = Message.of(type, "").tracked().maxAttempts(QueueSettings.UNLIMITED);
    if (!fifo && random.nextInt(2) == 0) {
      message = message.session("s" + random.nextInt(3));
    }
    if (random.nextInt(3) == 0) {
      message = message.priority(random.nextInt(10));
    }
    long delay = random.nextInt(4) == 0 ? random.nextInt(5_000) : 0;
    Job job = user.created(QUEUE, message.delay(Duration.ofMillis(delay)));
    user.done(Commit.synced(user.append(job)));
    model.add(job, tick() + delay);
  }

  private void claim() {
    ReceiveOptions.Types types =
        switch (random.nextInt(4)) {
          case 0 -> ReceiveOptions.Types.only(Set.of("a", "c"));
          case 1 -> ReceiveOptions.Types.allBut(Set.of("a"));
          default -> ReceiveOptions.Types.ALL;
        };
    int max = 1 + random.nextInt(5);
    SessionLease held = random.nextInt(3) == 0 ? anyHold() : null;
    String session = held == null ? null : held.session();
    List<JobId> expected =
        held != null && !isOurs(held) ? List.of() : model.claim(max, types, session, tick());
    assertThat(user.claim(QUEUE, max, held, types)).extracting(Job::id).isEqualTo(expected);
  }

  private void settle(LaneModel.Entry entry) {
    Job job = user.job(entry.id);
    int delay = random.nextInt(3_000);
    switch (random.nextInt(5)) {
      case 0 -> settled(entry, job, Outcome.release(), tick());
      case 1 -> settled(entry, job, Outcome.retry("no", Duration.ZERO), tick());
      case 2 -> settled(entry, job, Outcome.retry("no", Duration.ofMillis(delay)), tick() + delay);
      case 3 -> settled(entry, job, Outcome.fail("no"), null);
      default -> settled(entry, job, Outcome.done(), null);
    }
  }

  private void settled(LaneModel.Entry entry, Job job, Outcome outcome, @Nullable Long dueTick) {
    user.go(job, job.settled(outcome, QueueSettings.STANDARD, user.now(), user.random));
    entry.stage = dueTick == null ? LaneModel.Stage.ENDED : LaneModel.Stage.PENDING;
    entry.dueTick = dueTick == null ? 0 : dueTick;
  }

  private void cancel(LaneModel.Entry entry) {
    Job job = user.job(entry.id);
    user.go(job, job.cancelled(QueueSettings.STANDARD, user.now()));
    entry.stage = LaneModel.Stage.ENDED;
  }

  private void redrive(LaneModel.Entry entry) {
    Job job = user.job(entry.id);
    user.go(job, job.redriven(user.now()));
    entry.stage = LaneModel.Stage.PENDING;
    entry.dueTick = tick();
  }

  private void hold(boolean fifo) {
    String name = random.nextBoolean() ? null : fifo ? "" : "s" + random.nextInt(3);
    String expected =
        name == null ? model.freeSession(tick()) : model.isFree(name, tick()) ? name : null;
    SessionLease held = user.store().hold(QUEUE, name, "consumer", StoreUser.LEASE_TICKS);
    assertThat(held == null ? null : held.session()).isEqualTo(expected);
    if (held != null) {
      holds.put(held.session(), held);
      model.held.put(held.session(), held.untilTick());
    }
  }

  private void free() {
    SessionLease held = anyHold();
    if (held != null && isOurs(held)) {
      user.free(held);
      model.free(held.session(), tick());
    }
  }

  private void pauseOrResume() {
    model.paused = random.nextInt(3) == 0;
    user.state(model.paused ? QueueState.Kind.PAUSED : QueueState.Kind.ACTIVE);
  }

  private void pass() {
    user.advance(Duration.ofMillis(random.nextInt(2_000)));
    model.lapse(tick());
    user.awaitPending(model.pending(tick()));
  }

  private boolean isOurs(SessionLease held) {
    return model.isHeld(held.session(), tick()) && held.equals(holds.get(held.session()));
  }

  private @Nullable SessionLease anyHold() {
    List<SessionLease> all = holds.values().stream().toList();
    return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
  }

  private void any(LaneModel.Stage stage, Consumer<LaneModel.Entry> action) {
    List<LaneModel.Entry> entries = model.in(stage);
    if (!entries.isEmpty()) {
      action.accept(entries.get(random.nextInt(entries.size())));
    }
  }

  private long tick() {
    return user.now().tick();
  }
}
