package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Session;
import dev.afterbay.Status;
import dev.afterbay.bench.FaultyStore.Writing;
import dev.afterbay.contract.TestClock;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ListAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The clients of the torture use an engine whose store breaks one promise, or none, and the verdict
 * must name it. All in one thread, with a clock that is moved by hand, so it comes out the same
 * each time.
 */
class TortureVerdictTest {

  private static final int ROUNDS = 60;
  private static final int DRAIN_ROUNDS_MAX = 1_000;

  /** Later than the start, so that the fault comes in the middle of things. */
  private static final int NTH = 5;

  private static final Duration ROUND = Duration.ofMillis(100);
  private static final Writing WELL = Store::commit;
  private static final Committed NOTHING = new Committed.Done(List.of(), 0);

  private final TestClock clock = new TestClock();
  private final Random random = new Random(1);
  private final Promises promises = new Promises(1);
  private int seen;

  /** Whether the clients settle whatever they get; else some fail and some forget. */
  private boolean calm;

  @Test
  void aStoreThatKeepsItsPromisesIsCleared() {
    verdictOn(WELL).isEmpty();
    assertThat(promises.summary()).doesNotContain(" 0 old receipts");
  }

  @Test
  void aStoreThatFailsAndSaysSoIsCleared() {
    verdictOn(
            (good, commit) -> {
              int chance = random.nextInt(50);
              if (chance == 0) {
                throw new BrokerException.Unavailable("not now");
              }
              Committed committed = chance == 1 ? NOTHING : good.commit(commit);
              if (chance == 1 || chance == 2) {
                throw new BrokerException.OutcomeUnknown("perhaps", new IOException());
              }
              return committed;
            })
        .isEmpty();
  }

  @Test
  void aStoreThatLosesWhatItConfirmedIsFoundOut() {
    verdictOn((good, commit) ->
            isNth(isAppend(commit) && first(commit).line() == null)
                ? stored(commit)
                : good.commit(commit))
        .isNotEmpty()
        .allMatch(how -> how.contains("was confirmed, and is lost"));
  }

  @Test
  void aStoreThatLosesWhatIsToBeTriedAgainIsFoundOut() {
    verdictOn(
            (good, commit) -> {
              Change change = commit.changes().getFirst();
              boolean plain = is(change, Event.Type.RETRIED) && job(good, change).line() == null;
              return good.commit(isNth(plain) ? Commit.written(deleted(good, change)) : commit);
            })
        .singleElement()
        .asString()
        .contains("was confirmed, and is lost");
  }

  @Test
  void aStoreThatInventsAMessageIsFoundOut() {
    verdictOn(
            (good, commit) -> {
              Committed committed = good.commit(commit);
              if (isNth(isAppend(commit))) {
                good.commit(append(copy(first(commit), Message.of(new byte[100]))));
              }
              return committed;
            })
        .singleElement()
        .asString()
        .contains("was handed out, but its message was never sent");
  }

  @Test
  void aStoreThatAltersABodyIsFoundOut() {
    verdictOn(
            WELL,
            job -> {
              byte[] body = job.message().body().clone();
              if (isNth(body.length > 0)) {
                body[body.length - 1] ^= 1;
              }
              return job(job, job.id(), job.line(), Message.of(body));
            })
        .singleElement()
        .asString()
        .contains("came with another body");
  }

  @Test
  void aStoreThatStoresAMessageTwiceIsFoundOut() {
    verdictOn(
            (good, commit) -> {
              Committed committed = good.commit(commit);
              if (isNth(isAppend(commit))) {
                good.commit(append(copy(first(commit), first(commit).message())));
              }
              return committed;
            })
        .isNotEmpty()
        .first()
        .asString()
        .contains("was stored twice");
  }

  @Test
  void aStoreThatForgetsAKeyIsFoundOut() {
    verdictOn(
            (good, commit) -> {
              boolean hasKey = isAppend(commit) && first(commit).message().options().key() != null;
              Committed committed = good.commit(hasKey ? append(first(commit)) : commit);
              if (isNth(hasKey)) {
                throw new BrokerException.OutcomeUnknown("after", new IOException());
              }
              return committed;
            })
        .isNotEmpty()
        .first()
        .asString()
        .contains("was stored twice");
  }

  @Test
  void aStoreThatForgetsThatAMessageIsDoneIsFoundOut() {
    verdictOn((good, commit) ->
            isNth(is(commit.changes().getFirst(), Event.Type.DONE)) ? NOTHING : good.commit(commit))
        .isNotEmpty()
        .allMatch(how -> how.contains("was delivered again, although it was settled as done"));
  }

  @Test
  void aStoreThatSwapsTwoMessagesOfASessionIsFoundOut() {
    List<Commit> late = new ArrayList<>();
    verdictOn(
            (good, commit) -> {
              boolean next = isAppend(commit) && "a".equals(first(commit).line());
              if (isNth(next)) {
                late.add(commit);
                return stored(commit);
              }
              Committed committed = good.commit(commit);
              if (next && !late.isEmpty()) {
                good.commit(late.removeFirst());
              }
              return committed;
            })
        .isNotEmpty()
        .first()
        .asString()
        .contains("session a")
        .containsPattern("came before message .* was done");
  }

  @Test
  void aStoreThatHandsOutTwoMessagesOfASessionTogetherIsFoundOut() {
    calm = true;
    verdictOn((good, commit) -> good.commit(isAppend(commit) ? withoutSessions(commit) : commit))
        .isNotEmpty()
        .first()
        .asString()
        .containsPattern("came before message .* was done");
  }

  @Test
  void aStoreThatGivesTheSameFenceAgainIsFoundOut() {
    Map<JobId, Lease> firsts = new HashMap<>();
    verdictOn(
            WELL,
            job ->
                job.status() instanceof Status.Processing(Lease lease)
                    ? withFence(job, firsts.computeIfAbsent(job.id(), _ -> lease).fence())
                    : job)
        .isNotEmpty()
        .first()
        .asString()
        .contains("was settled by a receipt from before it was handed out again");
  }

  @Test
  void aStoreThatStoresWhatItRefusesIsFoundOut() {
    List<Supplier<BrokerException>> refusals =
        List.of(
            () -> new BrokerException.Unavailable("not now"),
            () -> new BrokerException.DiskFull("no room"),
            () -> new BrokerException.QueueFull("torture", 1));
    verdictOn(
            (good, commit) -> {
              Committed committed = good.commit(commit);
              if (isAppend(commit) && first(commit).line() == null && seen++ < refusals.size()) {
                throw refusals.get(seen - 1).get();
              }
              return committed;
            })
        .hasSizeGreaterThanOrEqualTo(refusals.size())
        .allMatch(how -> how.contains("although the server had said that it did not store it"));
  }

  private ListAssert<String> verdictOn(Writing writing) {
    return verdictOn(writing, UnaryOperator.identity());
  }

  /** Lets the clients use such a store for a while, then settle what is left, and judges. */
  private ListAssert<String> verdictOn(Writing writing, UnaryOperator<Job> shown) {
    Engine.Settings settings = Engine.Settings.standard().background(Runnable::run);
    try (MemoryStore good = MemoryStore.open(clock);
        Engine engine =
            Engine.open(new FaultyStore(good, writing, shown), settings.random(random))) {
      Queue queue = engine.queue(Torture.QUEUE);
      queue.admin().orElseThrow().configure(Torture.SETTINGS);
      Map<Promises.Sending, TortureClient.Old> old = new HashMap<>();
      TortureClient wild = new TortureClient(queue, promises, random, old, calm);
      for (int i = 0; i < ROUNDS; i++) {
        attempt(wild::sendSome);
        attempt(() -> wild.sendNext("a"));
        attempt(() -> wild.sendNext("a"));
        attempt(() -> wild.sendNext("b"));
        receive(wild);
      }
      TortureClient last = new TortureClient(queue, promises, random, old, true);
      for (int i = 0; promises.broken().isEmpty() && queue.stats().depth() > 0; i++) {
        assertThat(i).as("rounds").isLessThan(DRAIN_ROUNDS_MAX);
        receive(last);
      }
    }
    if (promises.broken().isEmpty()) {
      promises.finished();
    }
    return assertThat(promises.broken());
  }

  private void receive(TortureClient client) {
    attempt(() -> {
      Optional<Session> session =
          client.queue().session(null, Duration.ZERO, ReceiveOptions.STANDARD);
      if (session.isPresent()) {
        receive(client, session.get());
      }
    });
    attempt(() -> receive(client, client.queue().receiver()));
    clock.advance(ROUND);
  }

  private static void receive(TortureClient client, Receiver receiver) throws InterruptedException {
    try (receiver) {
      client.receive(receiver, Duration.ZERO);
    }
  }

  @FunctionalInterface
  private interface Step {
    void take() throws InterruptedException;
  }

  /** As the threads of the torture do. */
  private static void attempt(Step step) {
    try {
      step.take();
    } catch (BrokerException _) {
      // That is for the judge.
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private boolean isNth(boolean matches) {
    return matches && ++seen == NTH;
  }

  private static boolean isAppend(Commit commit) {
    return commit.changes().getFirst() instanceof Change.Append;
  }

  private static boolean is(Change change, Event.Type event) {
    return change instanceof Change.Swap swap && swap.transition().event() == event;
  }

  private static Job first(Commit commit) {
    return ((Change.Append) commit.changes().getFirst()).job();
  }

  private static Commit append(Job job) {
    return Commit.synced(new Change.Append(job, null));
  }

  /** What a store answers that has stored it. */
  private static Committed stored(Commit commit) {
    return new Committed.Done(jobs(commit).map(Job::id).toList(), 0);
  }

  private static Stream<Job> jobs(Commit commit) {
    return commit.changes().stream().map(change -> ((Change.Append) change).job());
  }

  private static Commit withoutSessions(Commit commit) {
    return Commit.synced(
        jobs(commit)
            .map(job -> new Change.Append(job(job, job.id(), null, job.message()), null))
            .toList());
  }

  private static Change deleted(Store store, Change change) {
    Job job = job(store, change);
    return new Change.Swap(job.id(), job.state().version(), job.deleted(store.clock().now()));
  }

  private static Job job(Store store, Change change) {
    return store.find(List.of(((Change.Swap) change).id()), false).getFirst();
  }

  private static Job withFence(Job job, long fence) {
    Lease lease = job.lease();
    Lease other =
        new Lease(lease.consumer(), fence, lease.since(), lease.untilTick(), lease.detached());
    return job.with(job.state().renewed(other), null);
  }

  private Job copy(Job job, Message message) {
    UUID id = new UUID(random.nextLong(), random.nextLong());
    return job(job, new JobId(id), job.line(), message);
  }

  private static Job job(Job job, JobId id, @Nullable String line, Message message) {
    return new Job(
        id,
        job.queue(),
        message,
        line,
        job.seq(),
        job.rank(),
        job.state(),
        job.history(),
        job.createdAt());
  }
}
