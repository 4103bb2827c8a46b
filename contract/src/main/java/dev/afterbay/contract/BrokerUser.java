package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.RetryPolicy;
import dev.afterbay.Schedules;
import dev.afterbay.SendResult;
import dev.afterbay.Session;
import dev.afterbay.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** Uses a broker as its users do, and waits for what time brings. */
final class BrokerUser {

  static final String QUEUE = "mail";

  /** A lease that may lapse while a test waits for it, if there is no test clock. */
  static final Duration SHORT = Duration.ofMillis(100);

  /** A time within which a test can do something even over a slow connection. */
  static final Duration SOON = Duration.ofSeconds(1);

  /** How much later than due something may happen: leases are looked through now and then. */
  static final Duration LATE = Duration.ofSeconds(1);

  private static final Duration REAL_TIME_MAX = Duration.ofSeconds(3);

  final Broker broker;
  private final @Nullable TestClock clock;
  private final List<Receiver> open = new ArrayList<>();

  BrokerUser(Broker broker, @Nullable TestClock clock) {
    this.broker = broker;
    this.clock = clock;
  }

  Queue queue() {
    return broker.queue(QUEUE);
  }

  QueueAdmin admin() {
    Optional<QueueAdmin> admin = queue().admin();
    assumeTrue(admin.isPresent(), "an administrator has tools of the provider");
    return admin.get();
  }

  Jobs jobs() {
    Optional<Jobs> jobs = broker.jobs();
    assumeTrue(jobs.isPresent(), "keeps no record of jobs");
    return jobs.orElseThrow();
  }

  Schedules schedules() {
    Optional<Schedules> schedules = broker.schedules();
    assumeTrue(schedules.isPresent(), "has no schedules");
    return schedules.orElseThrow();
  }

  void needsSessions() {
    assumeTrue(queue().limits().sessions(), "has no sessions");
  }

  static Message message() {
    return Message.of("note", "hello");
  }

  /** With the text of its own that tells it from others. */
  static Message message(String text) {
    return Message.of("note", text);
  }

  List<SendResult> sendToSeveral(List<Broker.Addressed> messages) {
    try {
      return broker.send(messages);
    } catch (BrokerException.Unsupported e) {
      return abort("sends to one queue at a time");
    }
  }

  JobId send(Message message) {
    return queue().send(message);
  }

  List<JobId> send(int count, Message message) {
    List<JobId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(send(message));
    }
    return ids;
  }

  /** A receiver that is closed after the test. */
  Receiver receiver(ReceiveOptions receiving) {
    Receiver receiver = queue().receiver(receiving);
    open.add(receiver);
    return receiver;
  }

  Receiver receiver() {
    return receiver(ReceiveOptions.STANDARD);
  }

  Session session(@Nullable String name) {
    Session session =
        Await.value("session " + name, () -> quiet(() -> accept(name, ReceiveOptions.STANDARD)));
    open.add(session);
    return session;
  }

  Optional<Session> accept(@Nullable String name, ReceiveOptions receiving)
      throws InterruptedException {
    return queue().session(name, Duration.ZERO, receiving);
  }

  void closeReceivers() {
    for (Receiver receiver : open) {
      receiver.close();
    }
  }

  Delivery receive() {
    return receive(receiver());
  }

  static Delivery receive(Receiver receiver) {
    return Await.value("a delivery", () -> now(receiver, 1).stream().findFirst());
  }

  List<Delivery> receive(int count) {
    Receiver receiver = receiver();
    List<Delivery> all = new ArrayList<>();
    Await.until(
        count + " deliveries",
        () -> {
          all.addAll(now(receiver, count - all.size()));
          return all.size() == count;
        });
    return all;
  }

  void receivesNothing() {
    assertThat(now(receiver(), 10)).isEmpty();
  }

  static List<Delivery> now(Receiver receiver, int max) {
    return quiet(() -> receiver.receive(max, Duration.ZERO));
  }

  /** Runs it on a virtual thread; {@link CompletableFuture#get} with a limit gives its result. */
  static <T> CompletableFuture<T> inBackground(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    start(call, result);
    return result;
  }

  /** As {@link #inBackground}, but it waits already: what comes next must wake it. */
  static <T> CompletableFuture<T> waiting(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    awaitWaiting(start(call, result));
    return result;
  }

  private static <T> Thread start(Callable<T> call, CompletableFuture<T> result) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            result.complete(call.call());
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
  }

  Job job(JobId id) {
    return jobs().find(id).orElseThrow(() -> new AssertionError("no job " + id));
  }

  Job awaitStatus(JobId id, Status.Kind kind) {
    return Await.value(
        id + " " + kind, () -> jobs().find(id).filter(job -> job.status().kind() == kind));
  }

  /** Waits until the job is failed for that reason, with that as its last error. */
  Job awaitFailed(JobId id, Status.Reason reason, String error) {
    Job failed = awaitStatus(id, Status.Kind.FAILED);
    assertThat(failed.status())
        .isInstanceOfSatisfying(
            Status.Failed.class, status -> assertThat(status.reason()).isEqualTo(reason));
    assertThat(failed.lastError()).isEqualTo(error);
    return failed;
  }

  void awaitGone(JobId id) {
    Await.until(id + " to be gone", () -> jobs().find(id).isEmpty());
  }

  void configure(QueueSettings settings) {
    admin().configure(settings);
  }

  /** Settings under which a failure is tried again at once, so that no test has to wait. */
  static QueueSettings eager() {
    RetryPolicy now = new RetryPolicy(Duration.ZERO, 1, Duration.ZERO, 0);
    return QueueSettings.STANDARD.backoff(now);
  }

  boolean hasTestClock() {
    return clock != null;
  }

  TestClock clock() {
    assumeTrue(clock != null, "has no test clock");
    return Objects.requireNonNull(clock);
  }

  /** Lets time pass: on the test clock, else for real if it is short, else the test is skipped. */
  void pass(Duration duration) {
    if (clock != null) {
      clock.advance(duration);
      return;
    }
    assumeTrue(duration.compareTo(REAL_TIME_MAX) <= 0, "too long without a test clock");
    long end = System.nanoTime() + duration.toNanos();
    Await.until(duration + " to pass", () -> System.nanoTime() - end >= 0);
  }

  /** Waits until a thread waits, so that what comes next finds it waiting. */
  static void awaitWaiting(Thread thread) {
    Await.until(
        "a wait",
        () ->
            thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING);
  }

  static void leaseLost(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(BrokerException.LeaseLost.class);
  }

  static void sessionLost(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(BrokerException.SessionLost.class);
  }

  static void conflict(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(BrokerException.Conflict.class);
  }

  static void rejected(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(BrokerException.Rejected.class);
  }

  static <T> T quiet(Callable<T> call) {
    try {
      return call.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
