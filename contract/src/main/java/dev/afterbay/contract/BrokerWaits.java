package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.LATE;
import static dev.afterbay.contract.BrokerUser.SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.Delivery;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Session;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every wait, and every event that ends it with something: nobody sleeps through any of them. */
interface BrokerWaits {

  Duration LONG = Duration.ofSeconds(30);

  BrokerUser user();

  /** Whom an event must wake. */
  enum Waiter {
    /** One who takes anything. */
    ANYTHING,
    /** One who takes some types only. */
    TYPE,
    /** One who holds the session. */
    CONSUMER,
    /** One who wants a session, whichever it is. */
    ANY_SESSION,
    /** One who wants this session. */
    THIS_SESSION
  }

  /**
   * What makes something available that was not.
   *
   * @param wakes for whom
   * @param of what is there before anybody waits; the event itself is what it returns
   */
  record Event(String name, Set<Waiter> wakes, Function<Scene, Runnable> of) {}

  @TestFactory
  default Stream<DynamicTest> everyWaitEndsByWhateverEndsIt() {
    return events()
        .flatMap(event ->
            Stream.of(Waiter.values())
                .filter(event.wakes::contains)
                .map(waiter ->
                    DynamicTest.dynamicTest(
                        event.name + " wakes " + waiter,
                        () -> new Scene(user(), event.name, waiter).play(event.of))));
  }

  private static Stream<Event> events() {
    Set<Waiter> receivers = Set.of(Waiter.ANYTHING, Waiter.TYPE);
    Set<Waiter> readers = Set.of(Waiter.ANYTHING, Waiter.TYPE, Waiter.CONSUMER);
    Set<Waiter> all = Set.of(Waiter.ANYTHING, Waiter.TYPE, Waiter.CONSUMER, Waiter.ANY_SESSION);
    Set<Waiter> others =
        Set.of(Waiter.ANYTHING, Waiter.TYPE, Waiter.ANY_SESSION, Waiter.THIS_SESSION);
    return Stream.of(
        new Event("sent", all, scene -> scene::send),
        new Event("due", all, Scene::delayIsOver),
        new Event("run-now", all, Scene::runsNow),
        new Event("released", readers, scene -> scene.settles(Outcome.release())),
        new Event("tried-again", readers, scene -> scene.settles(Outcome.retry("no"))),
        new Event("lapsed", receivers, Scene::leaseLapses),
        new Event("resumed", all, Scene::resumes),
        new Event("redriven", readers, Scene::redrives),
        new Event("job-redriven", readers, Scene::redrivesOne),
        new Event("first-done", readers, scene -> scene.firstEnds(Outcome.done())),
        new Event("first-failed", readers, scene -> scene.firstEnds(Outcome.fail("no"))),
        new Event("first-cancelled", all, Scene::firstIsCancelled),
        new Event("first-expired", all, Scene::firstExpires),
        new Event("fifo-done", receivers, scene -> scene.fifo().firstEnds(Outcome.done())),
        new Event("session-closed", others, Scene::consumerLeaves),
        new Event("session-lapsed", others, Scene::consumerIsGone));
  }

  /** One queue, in which one waits for something. */
  final class Scene {
    private final BrokerUser user;
    private final Waiter waiter;
    private final Queue queue;
    private @Nullable String session;
    private @Nullable Session held;

    Scene(BrokerUser user, String event, Waiter waiter) {
      this.user = user;
      this.waiter = waiter;
      this.queue = user.broker.queue(event + "-" + waiter);
      boolean isOfSessions = waiter != Waiter.ANYTHING && waiter != Waiter.TYPE;
      this.session = isOfSessions ? "s" : null;
      if (isOfSessions) {
        assumeTrue(queue.limits().sessions(), "has no sessions");
      }
      queue.admin().orElseThrow().configure(BrokerUser.eager());
    }

    void play(Function<Scene, Runnable> of) throws Exception {
      if (waiter == Waiter.CONSUMER) {
        held = session(ReceiveOptions.STANDARD);
      }
      Runnable event = of.apply(this);
      CompletableFuture<Boolean> ended = BrokerUser.waiting(waiting());
      event.run();
      assertThat(ended.get(10, TimeUnit.SECONDS)).as("it got something").isTrue();
      if (held != null) {
        held.close();
      }
    }

    private Callable<Boolean> waiting() {
      Receiver receiver = receiver();
      return switch (waiter) {
        case ANYTHING, CONSUMER -> () -> !receiver.receive(1, LONG).isEmpty();
        case TYPE ->
            () -> !receiver.receive(1, LONG, ReceiveOptions.Types.only(Set.of("note"))).isEmpty();
        case ANY_SESSION -> () -> accepts(null);
        case THIS_SESSION -> () -> accepts("s");
      };
    }

    private boolean accepts(@Nullable String name) throws InterruptedException {
      return queue.session(name, LONG, ReceiveOptions.STANDARD).map(Scene::leave).orElse(false);
    }

    private static boolean leave(Session accepted) {
      accepted.close();
      return true;
    }

    private Receiver receiver() {
      return held == null ? queue.receiver() : held;
    }

    private Session session(ReceiveOptions receiving) {
      return Await.value(
          "session s", () -> BrokerUser.quiet(() -> queue.session("s", Duration.ZERO, receiving)));
    }

    private Message message() {
      Message message = BrokerUser.message();
      return session == null ? message : message.session(session);
    }

    private JobId send() {
      return queue.send(message());
    }

    private Delivery take(Receiver receiver) {
      return BrokerUser.receive(receiver);
    }

    /** Without a test clock it does so by itself, while the waiter waits. */
    private Runnable timePasses(Duration duration) {
      return () -> {
        if (user.hasTestClock()) {
          user.pass(duration);
        }
      };
    }

    Runnable delayIsOver() {
      queue.send(message().delay(SHORT));
      return timePasses(SHORT);
    }

    Runnable runsNow() {
      JobId id = queue.send(message().delay(Duration.ofHours(1)));
      return () -> user.jobs().runNow(id);
    }

    Runnable settles(Outcome outcome) {
      send();
      Delivery delivery = take(receiver());
      return () -> delivery.settle(outcome);
    }

    Runnable leaseLapses() {
      send();
      Receiver brief = queue.receiver(ReceiveOptions.STANDARD.lease(SHORT));
      BrokerUser.now(brief, 1);
      return timePasses(SHORT.plus(LATE));
    }

    Runnable resumes() {
      send();
      queue.admin().orElseThrow().pause("test");
      return queue.admin().orElseThrow()::resume;
    }

    Runnable redrives() {
      send();
      take(receiver()).retry("no");
      take(receiver()).settle(Outcome.fail("no"));
      return () -> queue.admin().orElseThrow().redrive(Redrive.ALL);
    }

    Runnable redrivesOne() {
      JobId id = send();
      take(receiver()).settle(Outcome.fail("no"));
      return () -> user.jobs().redrive(id);
    }

    Runnable firstEnds(Outcome outcome) {
      if (session == null
          && queue.admin().orElseThrow().settings().order() == QueueSettings.Order.PRIORITY) {
        session = "s";
      }
      send();
      send();
      Delivery first = take(receiver());
      return () -> first.settle(outcome);
    }

    Runnable firstIsCancelled() {
      session = "s";
      JobId first = queue.send(message().delay(Duration.ofHours(1)));
      send();
      return () -> user.jobs().cancel(first);
    }

    Runnable firstExpires() {
      session = "s";
      queue.send(message().delay(Duration.ofHours(1)).timeToLive(SHORT));
      send();
      return timePasses(SHORT.plus(LATE));
    }

    Scene fifo() {
      queue.admin().orElseThrow().configure(BrokerUser.eager().order(QueueSettings.Order.FIFO));
      return this;
    }

    Runnable consumerLeaves() {
      session = "s";
      send();
      Session other = session(ReceiveOptions.STANDARD);
      return other::close;
    }

    Runnable consumerIsGone() {
      session = "s";
      send();
      session(ReceiveOptions.STANDARD.lease(SHORT));
      return timePasses(SHORT.plus(LATE));
    }
  }
}
