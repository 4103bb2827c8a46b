package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.leaseLost;
import static dev.afterbay.contract.BrokerUser.message;
import static dev.afterbay.contract.BrokerUser.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.BrokerException;
import dev.afterbay.DeadLetters;
import dev.afterbay.DeadLetters.End;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The dead letters of a queue: counted by what went wrong, and received like its messages. */
interface BrokerDeadLetters {

  BrokerUser user();

  private DeadLetters dead() {
    Optional<DeadLetters> dead = user().queue().deadLetters();
    assumeTrue(dead.isPresent(), "dead letters are a queue of their own");
    return dead.orElseThrow();
  }

  /** One that failed with that error. */
  private JobId fail(Message message, String error) {
    JobId id = user().send(message);
    Delivery delivery = user().receive();
    assertThat(delivery.job().id()).isEqualTo(id);
    delivery.fail(error);
    user().awaitStatus(id, Status.Kind.FAILED);
    return id;
  }

  private List<JobId> fail(int count) {
    List<JobId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(fail(message("number " + i), "no"));
    }
    return ids;
  }

  private static List<JobId> ids(List<DeadLetters.Leased> letters) {
    return letters.stream().map(letter -> letter.job().id()).toList();
  }

  @Test
  default void deadLettersAreCountedByWhatWentWrong() {
    JobId first = fail(message(), "no user 1 at \"a\"");
    fail(message(), "no user 22 at \"b\"");
    fail(message(), "refused");
    JobId last = fail(Message.of("other", "x"), "no user 333 at \"c\"");

    DeadLetters.Stats stats = dead().stats();
    assertThat(stats.total()).isEqualTo(4);
    assertThat(stats.lookedAt()).isEqualTo(4);
    assertThat(stats.oldest()).isEqualTo(failedAt(first));
    assertThat(stats.newest()).isEqualTo(failedAt(last));
    assertThat(stats.groups()).hasSize(1);
    DeadLetters.Group group = stats.groups().getFirst();
    assertThat(group.fingerprint()).isEqualTo("no user # at \"*\"");
    assertThat(group.count()).isEqualTo(3);
    assertThat(group.first()).isEqualTo(failedAt(first));
    assertThat(group.last()).isEqualTo(failedAt(last));
    assertThat(group.samples()).hasSize(3).startsWith(last).endsWith(first);
    assertThat(group.byType()).isEqualTo(Map.of("note", 2L, "other", 1L));
    assertThat(stats.ungrouped()).isEqualTo(1);
    assertThat(stats.byReason()).isEqualTo(Map.of(Status.Reason.REJECTED, 4L));
    assertThat(stats.byHour()).hasSize(24);
    assertThat(stats.byHour().stream().mapToLong(DeadLetters.Hour::count).sum()).isEqualTo(4);
  }

  /** To the millisecond, as it is shown. */
  private Instant failedAt(JobId id) {
    Status status = user().job(id).status();
    assertThat(status).isInstanceOf(Status.Failed.class);
    return ((Status.Failed) status).at();
  }

  @Test
  default void aQueueWithoutDeadLettersHasEmptyStatistics() {
    DeadLetters.Stats stats = dead().stats();
    assertThat(stats.total()).isZero();
    assertThat(stats.oldest()).isNull();
    assertThat(stats.newest()).isNull();
    assertThat(stats.groups()).isEmpty();
    assertThat(stats.byReason()).isEmpty();
    assertThat(dead().peek(10)).isEmpty();
    assertThat(dead().receive(10)).isEmpty();
  }

  @Test
  default void deadLettersComeInTheOrderInWhichTheyFailed() {
    List<JobId> ids = fail(5);
    assertThat(dead().peek(3)).extracting(Job::id).isEqualTo(ids.subList(0, 3));
    List<DeadLetters.Leased> letters = dead().receive(3);
    assertThat(ids(letters)).isEqualTo(ids.subList(0, 3));
    assertThat(letters.getFirst().job().message().text()).isEqualTo("number 0");
    assertThat(letters.getFirst().job().lastError()).isEqualTo("no");
    assertThat(dead().peek(10)).hasSize(5);
    assertThat(ids(dead().receive(10))).isEqualTo(ids.subList(3, 5));
    assertThat(dead().receive(10)).isEmpty();
  }

  @Test
  default void aDeadLetterThatIsDoneIsRemoved() {
    JobId id = fail(1).getFirst();
    DeadLetters.Leased letter = dead().receive(1).getFirst();
    dead().settle(letter, End.DONE);
    user().awaitGone(id);
    assertThat(user().queue().stats().failed()).isZero();
    leaseLost(() -> dead().settle(letter, End.DONE));
    leaseLost(() -> dead().settle(letter, End.REDRIVE));
  }

  @Test
  default void aDeadLetterThatIsRedrivenIsDeliveredAgain() {
    JobId id = fail(1).getFirst();
    DeadLetters.Leased letter = dead().receive(1).getFirst();
    dead().settle(letter, End.REDRIVE);
    Delivery again = user().receive();
    assertThat(again.job().id()).isEqualTo(id);
    assertThat(again.attempt()).isEqualTo(1);
    again.fail("again");
    user().awaitStatus(id, Status.Kind.FAILED);
    // Failed once more: the old lease is not of this failure.
    leaseLost(() -> dead().settle(letter, End.DONE));
    assertThat(ids(dead().receive(1))).containsExactly(id);
  }

  @Test
  default void aDeadLetterThatIsReleasedStaysAndComesAtOnce() {
    JobId id = fail(1).getFirst();
    dead().settle(dead().receive(1).getFirst(), End.RELEASE);
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.FAILED);
    assertThat(ids(dead().receive(1))).containsExactly(id);
  }

  @Test
  default void aDeadLetterToRetryStaysAndComesWhenItsLeaseWouldHaveEnded() {
    List<JobId> ids = fail(2);
    DeadLetters.Leased letter = dead().receive(1, Duration.ofSeconds(1), 1 << 20).getFirst();
    dead().settle(letter, End.RETRY);
    leaseLost(() -> dead().settle(letter, End.DONE));
    assertThat(ids(dead().receive(2))).containsExactly(ids.get(1));
    user().pass(Duration.ofSeconds(1));
    assertThat(ids(dead().receive(2))).containsExactly(ids.get(0));
  }

  @Test
  default void aLeaseOfADeadLetterLapses() {
    JobId id = fail(1).getFirst();
    Duration lease = Duration.ofSeconds(2);
    DeadLetters.Leased letter = dead().receive(1, lease, 1 << 20).getFirst();
    assertThat(dead().renew(List.of(letter.receipt()), lease.multipliedBy(4)))
        .containsExactly(Optional.empty());
    user().clock(); // Else it takes longer than a test may.
    user().pass(lease.multipliedBy(2));
    assertThat(dead().receive(1)).isEmpty();
    user().pass(lease.multipliedBy(2));
    leaseLost(() -> dead().settle(letter, End.DONE));
    assertThat(dead().renew(List.of(letter.receipt()), lease).getFirst())
        .containsInstanceOf(BrokerException.LeaseLost.class);
    assertThat(ids(dead().receive(1))).containsExactly(id);
  }

  @Test
  default void eachSettlementIsByItself() {
    List<JobId> ids = fail(3);
    List<DeadLetters.Leased> letters = dead().receive(3);
    user().jobs().delete(ids.get(1));
    List<DeadLetters.Settled> settled = new ArrayList<>();
    letters.forEach(letter -> settled.add(new DeadLetters.Settled(letter.receipt(), End.DONE)));
    settled.add(new DeadLetters.Settled(letters.getFirst().receipt(), End.DONE));
    settled.add(new DeadLetters.Settled(new Receipt("nonsense"), End.DONE));
    List<Optional<BrokerException>> results = dead().settle(settled);
    assertThat(results)
        .extracting(Optional::isEmpty)
        .containsExactly(true, false, true, false, false);
    assertThat(results.get(1)).containsInstanceOf(BrokerException.LeaseLost.class);
    assertThat(results.get(3)).containsInstanceOf(BrokerException.LeaseLost.class);
    assertThat(user().queue().stats().failed()).isZero();
  }

  @Test
  default void whatSomebodyElseDidToADeadLetterIsNotUndone() {
    List<JobId> ids = fail(2);
    List<DeadLetters.Leased> letters = dead().receive(2);
    user().admin().redrive(Redrive.ALL.limit(1L));
    user().awaitStatus(ids.get(0), Status.Kind.PENDING);
    user().admin().purge(Status.Kind.FAILED);
    leaseLost(() -> dead().settle(letters.get(0), End.DONE));
    leaseLost(() -> dead().settle(letters.get(1), End.REDRIVE));
    assertThat(user().job(ids.get(0)).status().kind()).isEqualTo(Status.Kind.PENDING);
    assertThat(user().jobs().find(ids.get(1))).isEmpty();
  }

  @Test
  default void whatIsRestoredIsAsItWas() {
    JobId id =
        fail(
            message("\u00e9\n").attributes(Map.of("tenant", "acme")).priority(7).correlationId("c"),
            "no");
    Job before = user().job(id);
    user().jobs().delete(id);
    assertThat(user().jobs().restore(List.of(before, before))).isEqualTo(1);
    Job after = user().job(id);
    assertThat(after.message()).isEqualTo(before.message());
    assertThat(after.queue()).isEqualTo(before.queue());
    assertThat(after.createdAt()).isEqualTo(before.createdAt());
    assertThat(after.history()).isEqualTo(before.history());
    assertThat(after.state()).isEqualTo(before.state());
    assertThat(user().jobs().restore(List.of(before))).isZero();
    assertThat(user().queue().stats().failed()).isEqualTo(1);

    user().jobs().redrive(id);
    assertThat(user().jobs().restore(List.of(before))).isZero();
    assertThat(user().receive().job().id()).isEqualTo(id);
    assertThat(user().jobs().restore(List.of())).isZero();
  }

  @Test
  default void aDueTimeThatAJobWasGivenIsRestoredWithIt() {
    JobId id = user().send(message().tracked());
    user().jobs().reschedule(id, Instant.parse("2099-01-01T00:00:00Z"));
    user().jobs().cancel(id);
    Job before = user().job(id);
    user().jobs().delete(id);
    assertThat(user().jobs().restore(List.of(before))).isEqualTo(1);
    assertThat(user().job(id).state().rescheduledTo())
        .isNotNull()
        .isEqualTo(before.state().rescheduledTo());
  }

  @Test
  default void whatIsRestoredIsAllOrNone() {
    Job failed = user().job(fail(1).getFirst());
    Job pending = user().job(user().send(message()));
    user().jobs().delete(failed.id());
    rejected(() -> user().jobs().restore(List.of(failed, pending)));
    assertThat(user().jobs().find(failed.id())).isEmpty();
  }

  @Test
  default void aRedriveOfManyAnswersForEach() {
    List<JobId> ids = new ArrayList<>(fail(3));
    JobId pending = user().send(message());
    JobId unknown = new JobId(new UUID(0x7000, 1L << 63));
    ids.addAll(List.of(pending, unknown, ids.getFirst()));
    List<Optional<BrokerException>> results = user().jobs().redrive(ids);
    assertThat(results).hasSize(6);
    assertThat(results.subList(0, 3)).allMatch(Optional::isEmpty);
    assertThat(results.get(3)).containsInstanceOf(BrokerException.Conflict.class);
    assertThat(results.get(4)).containsInstanceOf(BrokerException.JobNotFound.class);
    assertThat(results.get(5)).containsInstanceOf(BrokerException.Conflict.class);
    assertThat(user().queue().stats().pending()).isEqualTo(4);
    assertThat(user().jobs().redrive(List.of())).isEmpty();
  }

  @Test
  default void aReceiptOfADeliveryIsNoneOfADeadLetter() {
    fail(1);
    user().send(message());
    Receipt delivery = detached();
    Receipt letter = dead().receive(1).getFirst().receipt();
    assertThat(dead().settle(List.of(new DeadLetters.Settled(delivery, End.DONE))).getFirst())
        .isPresent();
    assertThat(user().queue().renew(List.of(letter), null).getFirst()).isPresent();
  }

  private Receipt detached() {
    return BrokerUser.receive(user().receiver(ReceiveOptions.STANDARD.detached(true))).detach();
  }

  @Test
  default void aDeadLetterIsReceivedByOneOfMany() throws Exception {
    int letters = 60;
    user().configure(QueueSettings.STANDARD.maxAttempts(1));
    user().send(letters, message());
    user().receive(letters).forEach(each -> each.fail("no"));
    Await.until("all failed", () -> user().queue().stats().failed() == letters);
    List<CompletableFuture<List<JobId>>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(
          BrokerUser.inBackground(() -> {
            List<JobId> mine = new ArrayList<>();
            List<DeadLetters.Leased> some = dead().receive(3);
            while (!some.isEmpty()) {
              for (DeadLetters.Leased letter : some) {
                dead().settle(letter, End.DONE);
                mine.add(letter.job().id());
              }
              some = dead().receive(3);
            }
            return mine;
          }));
    }
    List<JobId> received = new ArrayList<>();
    for (CompletableFuture<List<JobId>> each : all) {
      received.addAll(each.get(60, TimeUnit.SECONDS));
    }
    assertThat(received).hasSize(letters).doesNotHaveDuplicates();
    assertThat(user().queue().stats().failed()).isZero();
  }

  @Test
  default void badQuestionsAboutDeadLettersAreRejected() {
    fail(1);
    rejected(() -> dead().receive(0));
    rejected(() -> dead().peek(0));
    rejected(() -> dead().receive(1, Duration.ofMillis(1), 1 << 20));
    assertThat(dead().receive(1)).hasSize(1);
  }
}
