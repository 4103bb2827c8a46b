package dev.afterbay.contract;

import static dev.afterbay.store.Commit.Durability.SYNCED;
import static dev.afterbay.store.Commit.Durability.WRITTEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Delivery;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is synced before it is answered, and what is only written: "Durability" of model.md. */
class EngineDurabilityTest {

  private static final Message MESSAGE = Message.of("note", "hello");
  private static final Duration LEASE = Duration.ofSeconds(30);

  /** Of the commits so far, but for those that only forget: what ended is forgotten again. */
  private final List<Commit.Durability> commits = new ArrayList<>();

  private final TestClock clock = new TestClock();
  private final Store store =
      AroundStore.of(
          MemoryStore.open(clock),
          "commit",
          (all, call) -> {
            for (Object one : (List<?>) all) {
              if (one instanceof Commit(Commit.Durability durability, List<Change> changes)
                  && !(changes.getFirst() instanceof Change.Forget)) {
                commits.add(durability);
              }
            }
            return call.get();
          });
  private final Engine engine =
      Engine.open(store, Engine.Settings.standard().background(Runnable::run));
  private final Queue queue = engine.queue("q");
  private final Jobs jobs = engine.jobs().orElseThrow();
  private final Receiver receiver = queue.receiver(ReceiveOptions.STANDARD.lease(LEASE));

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  @Test
  void aMessageIsSyncedBeforeItsSenderIsAnswered() {
    queue.send(MESSAGE);
    assertAll(SYNCED, () -> queue.send(MESSAGE));
    assertAll(SYNCED, () -> queue.send(MESSAGE.key("k")));
  }

  @Test
  void doneRetryReleaseAndRenewalAreWritten() throws Exception {
    assertAll(WRITTEN, delivery(MESSAGE)::done);
    assertAll(WRITTEN, delivery(MESSAGE.tracked())::done);
    Delivery retried = delivery(MESSAGE);
    assertAll(WRITTEN, () -> retried.retry("later"));
    assertAll(WRITTEN, delivery(MESSAGE)::renew);
    Delivery released = delivery(MESSAGE);
    assertAll(WRITTEN, () -> released.settle(Outcome.release()));
  }

  @Test
  void aLapseIsWritten() throws Exception {
    delivery(MESSAGE);
    assertAll(WRITTEN, () -> clock.advance(LEASE.plusSeconds(1)));
  }

  @Test
  void aDeadLetterIsSyncedHoweverItBecameOne() throws Exception {
    Delivery failed = delivery(MESSAGE);
    assertAll(SYNCED, () -> failed.fail("no"));
    Delivery last = delivery(MESSAGE.maxAttempts(1));
    assertAll(SYNCED, () -> last.retry("no"));
    delivery(MESSAGE.maxAttempts(1));
    assertAll(SYNCED, () -> clock.advance(LEASE.plusSeconds(1)));
    queue.send(MESSAGE.timeToLive(Duration.ofSeconds(1)));
    assertAll(SYNCED, () -> clock.advance(Duration.ofSeconds(2)));
  }

  @Test
  void whatPeopleDecideIsSynced() throws Exception {
    JobId id = queue.send(MESSAGE.tracked().delay(Duration.ofHours(1)));
    assertAll(SYNCED, () -> jobs.reschedule(id, clock.now().wall().plusSeconds(60)));
    assertAll(SYNCED, () -> jobs.runNow(id));
    assertAll(SYNCED, () -> jobs.cancel(id));
    assertAll(SYNCED, () -> jobs.redrive(id));
    jobs.cancel(id);
    assertAll(SYNCED, () -> jobs.delete(id));
  }

  private Delivery delivery(Message message) throws InterruptedException {
    queue.send(message);
    return receiver.receive(1, Duration.ZERO).getFirst();
  }

  private void assertAll(Commit.Durability durability, Runnable step) {
    commits.clear();
    step.run();
    assertThat(commits).isNotEmpty().containsOnly(durability);
  }
}
