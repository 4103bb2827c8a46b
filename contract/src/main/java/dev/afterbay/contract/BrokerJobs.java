package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.QUEUE;
import static dev.afterbay.contract.BrokerUser.conflict;
import static dev.afterbay.contract.BrokerUser.message;
import static dev.afterbay.contract.BrokerUser.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Transitions 13 to 16 of model.md, and the record of jobs. */
interface BrokerJobs {

  BrokerUser user();

  @Test
  default void aJobIsFoundInEachOfItsStates() {
    user().configure(BrokerUser.eager());
    JobId id = user().send(message().tracked());
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.PENDING);
    Delivery delivery = user().receive();
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.PROCESSING);
    delivery.done();
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.DONE);
    assertThat(user().job(id).message().text()).isEqualTo("hello");
    assertThat(user().jobs().find(new JobId(new UUID(0x7000, 1L << 63)))).isEmpty();
  }

  @Test
  default void aCancelledJobIsNotDelivered() {
    JobId plain = user().send(message());
    JobId tracked = user().send(message().tracked());
    JobId later = user().send(message().tracked().delay(Duration.ofMillis(200)));
    for (JobId id : List.of(plain, tracked, later)) {
      user().jobs().cancel(id);
    }
    user().pass(Duration.ofMillis(400));
    user().receivesNothing();
    assertThat(user().jobs().find(plain)).isEmpty();
    assertThat(user().job(tracked).status().kind()).isEqualTo(Status.Kind.CANCELLED);
    assertThat(user().job(later).status().kind()).isEqualTo(Status.Kind.CANCELLED);
    conflict(() -> user().jobs().cancel(tracked));
  }

  @Test
  default void aProcessingJobIsOnlyAskedToStop() {
    JobId id = user().send(message().tracked());
    Delivery delivery = user().receive();
    assertThat(delivery.cancelRequested()).isFalse();
    Job asked = user().jobs().cancel(id);
    assertThat(asked.status().kind()).isEqualTo(Status.Kind.PROCESSING);
    assertThat(delivery.cancelRequested()).isTrue();
    delivery.renew();
    delivery.done();
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.DONE);
  }

  @Test
  default void aJobThatWasAskedToStopIsCancelledWhenItComesBack() {
    user().configure(BrokerUser.eager());
    List<Consumer<Delivery>> ends =
        List.of(
            delivery -> delivery.retry("stopped"),
            delivery -> delivery.settle(Outcome.release()),
            delivery -> user().pass(BrokerUser.SOON.plus(BrokerUser.LATE)));
    for (Consumer<Delivery> end : ends) {
      JobId id = user().send(message().tracked());
      Delivery delivery =
          BrokerUser.receive(user().receiver(ReceiveOptions.STANDARD.lease(BrokerUser.SOON)));
      user().jobs().cancel(id);
      end.accept(delivery);
      user().awaitStatus(id, Status.Kind.CANCELLED);
      user().receivesNothing();
    }
  }

  @Test
  default void aDoneJobStaysDone() {
    JobId id = user().send(message().tracked());
    user().receive().done();
    conflict(() -> user().jobs().cancel(id));
    conflict(() -> user().jobs().runNow(id));
    conflict(() -> user().jobs().reschedule(id, TestClock.START));
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.DONE);
    user().receivesNothing();
  }

  @Test
  default void aRedrivenJobHasAFreshSetOfAttemptsAndItsHistory() {
    user().configure(BrokerUser.eager().maxAttempts(2));
    JobId id = user().send(message());
    user().receive().retry("one");
    user().receive().retry("two");
    user().awaitStatus(id, Status.Kind.FAILED);
    assertThat(user().jobs().redrive(id).status().kind()).isEqualTo(Status.Kind.PENDING);

    Delivery third = user().receive();
    assertThat(third.job().id()).isEqualTo(id);
    assertThat(third.attempt()).isEqualTo(1);
    third.retry("three");
    user().receive().retry("four");
    assertThat(user().awaitStatus(id, Status.Kind.FAILED).history()).hasSize(4);
  }

  @Test
  default void aDoneOrCancelledJobCanBeRedriven() {
    JobId done = user().send(message().tracked());
    user().receive().done();
    user().jobs().redrive(done);
    assertThat(user().receive().job().id()).isEqualTo(done);
    JobId cancelled = user().send(message().tracked());
    user().jobs().cancel(cancelled);
    user().jobs().redrive(cancelled);
    assertThat(user().receive().job().id()).isEqualTo(cancelled);
  }

  @Test
  default void aJobThatHasNotEndedCannotBeRedrivenOrDeleted() {
    JobId id = user().send(message());
    conflict(() -> user().jobs().redrive(id));
    conflict(() -> user().jobs().delete(id));
    user().receive();
    conflict(() -> user().jobs().redrive(id));
    conflict(() -> user().jobs().delete(id));
    conflict(() -> user().jobs().runNow(id));
  }

  @Test
  default void aJobThatIsNotThereIsNotFound() {
    JobId id = new JobId(new UUID(0x7000, 1L << 63));
    Jobs jobs = user().jobs();
    for (Consumer<JobId> call :
        List.<Consumer<JobId>>of(
            jobs::cancel,
            jobs::redrive,
            jobs::runNow,
            jobs::delete,
            missing -> jobs.reschedule(missing, TestClock.START))) {
      assertThatThrownBy(() -> call.accept(id)).isInstanceOf(BrokerException.JobNotFound.class);
    }
  }

  @Test
  default void aJobIsRunNowOrAtAnotherTime() {
    JobId id = user().send(message().delay(Duration.ofHours(5)));
    user().jobs().reschedule(id, TestClock.START.plus(Duration.ofDays(36_500)));
    user().receivesNothing();
    user().jobs().reschedule(id, TestClock.START.minusSeconds(1));
    assertThat(user().receive().job().id()).isEqualTo(id);
    JobId later = user().send(message().delay(Duration.ofHours(5)));
    user().jobs().runNow(later);
    assertThat(user().receive().job().id()).isEqualTo(later);
  }

  @Test
  default void aTimeThatCannotBeStoredIsRefused() {
    JobId id = user().send(message());
    for (Instant bad : List.of(Instant.MAX, Instant.parse("-999999999-01-01T00:00:00Z"))) {
      rejected(() -> user().jobs().reschedule(id, bad));
    }
    user().receive();
  }

  @Test
  default void aDeletedJobIsForgotten() {
    JobId id = user().send(message().tracked());
    user().receive().done();
    user().jobs().delete(id);
    assertThat(user().jobs().find(id)).isEmpty();
    assertThat(user().queue().stats().done()).isZero();
  }

  @Test
  default void jobsAreForgottenWhenTheirRetentionIsOver() {
    user()
        .configure(
            BrokerUser.eager()
                .retention(new QueueSettings.Retention(Duration.ofHours(1), Duration.ofHours(2))));
    JobId done = user().send(message());
    user().receive().done();
    JobId failed = user().send(message());
    user().receive().fail("no");
    JobId cancelled = user().send(message());
    user().jobs().cancel(cancelled);
    user().pass(Duration.ofMinutes(59));
    assertThat(user().jobs().find(done)).isPresent();
    user().pass(Duration.ofMinutes(1).plusSeconds(10));
    user().awaitGone(done);
    user().awaitGone(cancelled);
    assertThat(user().jobs().find(failed)).isPresent();
    user().pass(Duration.ofHours(1));
    user().awaitGone(failed);
  }

  @Test
  default void theFailedAreRedrivenByFilter() {
    List<JobId> a = failed("a", "timeout of host 1", 3);
    List<JobId> b = failed("b", "timeout of host 2", 2);
    List<JobId> c = failed("b", "bad input", 1);

    assertThat(redrive("b", "timeout", null, true).matched()).isEqualTo(2);
    assertThat(user().queue().stats().failed()).isEqualTo(6);
    assertThat(redrive("b", "timeout", null, false).matched()).isEqualTo(2);
    b.forEach(id -> user().awaitStatus(id, Status.Kind.PENDING));
    assertThat(redrive("a", null, 2L, false).matched()).isEqualTo(2);
    Await.until("two more", () -> user().queue().stats().pending() == 4);
    assertThat(redrive(null, null, null, false).matched()).isEqualTo(2);
    Await.until("all", () -> user().queue().stats().pending() == 6);
    assertThat(redrive(null, null, null, false).matched()).isZero();
    assertThat(user().receive(6))
        .extracting(delivery -> delivery.job().id())
        .containsExactlyInAnyOrderElementsOf(Stream.of(a, b, c).flatMap(List::stream).toList());
  }

  @Test
  default void theFailedAreRedrivenAtARate() {
    user().clock();
    failed("a", "no", 25);
    Redrive.Result redriven = user().admin().redrive(Redrive.ALL.perSecond(10));
    assertThat(redriven.matched()).isEqualTo(25);
    assertThat(redriven.id()).isNotEmpty();
    assertThat(user().queue().stats().failed()).isGreaterThanOrEqualTo(15);
    user().pass(Duration.ofMillis(900));
    assertThat(user().queue().stats().failed()).isGreaterThanOrEqualTo(15);
    user().pass(Duration.ofMillis(300));
    Await.until("the second ten", () -> user().queue().stats().failed() <= 5);
    assertThat(user().queue().stats().failed()).isEqualTo(5);
    user().pass(Duration.ofSeconds(3));
    Await.until("all", () -> user().queue().stats().pending() == 25);
  }

  /** Whoever was faster counts, and the others still get their turn. */
  @Test
  default void aRedriveAtARateLeavesAloneWhatIsNotFailedAnyMore() {
    user().clock();
    failed("a", "no", 5);
    user().admin().redrive(Redrive.ALL.perSecond(1));
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(BrokerUser.QUEUE).status(Status.Kind.FAILED);
    Job next = user().jobs().list(query, null, 10).jobs().getFirst();
    user().jobs().redrive(next.id());
    user().pass(Duration.ofSeconds(5));

    Await.until("all", () -> user().queue().stats().pending() == 5);
    assertThat(user().job(next.id()).state().redrives()).isEqualTo(1);
  }

  @Test
  default void jobsArePurgedByState() {
    user().send(3, message());
    user().send(message().delay(Duration.ofHours(1)));
    failed("a", "no", 2);
    JobId done = user().send(message().tracked().priority(9));
    user().receive().done();
    assertThat(user().admin().purge(Status.Kind.FAILED)).isEqualTo(2);
    assertThat(user().admin().purge(Status.Kind.DONE)).isEqualTo(1);
    assertThat(user().jobs().find(done)).isEmpty();
    assertThat(user().admin().purge(Status.Kind.PENDING)).isEqualTo(4);
    assertThat(user().queue().stats()).isEqualTo(QueueStats.EMPTY);
    assertThat(user().admin().purge(Status.Kind.PENDING)).isZero();
    rejected(() -> user().admin().purge(Status.Kind.PROCESSING));
    user().receivesNothing();
  }

  @Test
  default void aListIsNewestFirstAndInPages() {
    List<JobId> ids = user().send(7, message());
    for (int max : List.of(1, 3, 7, 100)) {
      assertThat(list(Jobs.JobQuery.ALL, max)).isEqualTo(ids.reversed());
    }
    rejected(() -> user().jobs().list(Jobs.JobQuery.ALL, null, 0));
    rejected(() -> user().jobs().list(Jobs.JobQuery.ALL, null, Jobs.PAGE_MAX + 1));
    rejected(() -> user().jobs().list(Jobs.JobQuery.ALL, "nonsense", 10));
  }

  @Test
  default void aListIsStableWhileJobsAreAdded() {
    List<JobId> ids = user().send(7, message());
    Jobs.JobPage first = user().jobs().list(Jobs.JobQuery.ALL, null, 3);
    user().send(5, message());
    List<JobId> seen = new ArrayList<>(first.jobs().stream().map(Job::id).toList());
    for (String cursor = first.next(); cursor != null; ) {
      Jobs.JobPage page = user().jobs().list(Jobs.JobQuery.ALL, cursor, 3);
      page.jobs().forEach(job -> seen.add(job.id()));
      cursor = page.next();
    }
    assertThat(seen).isEqualTo(ids.reversed());
  }

  @Test
  default void aListIsFiltered() {
    JobId a = user().send(Message.of("x", "").session("s"));
    JobId b = user().send(Message.of("y", ""));
    JobId other = user().broker.queue("other").send(Message.of("x", ""));
    assertThat(list(query(QUEUE, null, null, null), 10)).containsExactly(b, a);
    assertThat(list(query(null, null, "x", null), 10)).containsExactly(other, a);
    assertThat(list(query(null, null, null, "s"), 10)).containsExactly(a);
    user().jobs().cancel(other);
    user().receive();
    assertThat(list(query(null, Status.Kind.PROCESSING, null, null), 10)).containsExactly(a);
    assertThat(list(query(QUEUE, Status.Kind.PENDING, null, null), 10)).containsExactly(b);
    assertThat(list(query("nowhere", null, null, null), 10)).isEmpty();
  }

  private List<JobId> failed(String type, String reason, int count) {
    List<JobId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(user().send(Message.of(type, "").priority(9)));
      user().receive().fail(reason);
    }
    return ids;
  }

  private Redrive.Result redrive(
      @Nullable String type, @Nullable String error, @Nullable Long limit, boolean dryRun) {
    return user()
        .admin()
        .redrive(Redrive.ALL.type(type).errorContains(error).limit(limit).dryRun(dryRun));
  }

  private List<JobId> list(Jobs.JobQuery query, int max) {
    List<JobId> ids = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobPage page = user().jobs().list(query, cursor, max);
      page.jobs().forEach(job -> ids.add(job.id()));
      cursor = page.next();
    } while (cursor != null);
    return ids;
  }

  private static Jobs.JobQuery query(
      @Nullable String queue,
      Status.@Nullable Kind status,
      @Nullable String type,
      @Nullable String session) {
    return Jobs.JobQuery.ALL.queue(queue).status(status).type(type).session(session);
  }
}
