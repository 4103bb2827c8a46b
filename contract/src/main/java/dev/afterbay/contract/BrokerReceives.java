package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.QUEUE;
import static dev.afterbay.contract.BrokerUser.inBackground;
import static dev.afterbay.contract.BrokerUser.message;
import static dev.afterbay.contract.BrokerUser.rejected;
import static dev.afterbay.contract.BrokerUser.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Transitions 3 and 3a of model.md: who gets what, in which order, and who is woken. */
interface BrokerReceives {

  Duration LONG = Duration.ofSeconds(30);

  BrokerUser user();

  /** How many wait at once where no wake-up may be lost. */
  default int waiters() {
    return 10_000;
  }

  @Test
  default void higherPrioritiesComeFirstThenTheOrderOfSending() {
    JobId plain = user().send(message());
    JobId low = user().send(message().priority(0));
    JobId high = user().send(message().priority(9));
    JobId second = user().send(message());
    assertThat(ids(user().receive(4))).containsExactly(high, plain, second, low);
  }

  @Test
  default void aDeliveryIsLeasedToItsReceiver() {
    user().send(message());
    Delivery delivery =
        BrokerUser.receive(user().receiver(ReceiveOptions.STANDARD.consumer("worker 7")));
    Job job = user().job(delivery.job().id());
    assertThat(job.lease().consumer()).isEqualTo("worker 7");
    assertThat(job.state().attempts()).isEqualTo(1);
    user().receivesNothing();
  }

  @Test
  default void noJobIsDeliveredTwiceAtATime() throws Exception {
    int jobs = 200;
    List<JobId> sent = user().send(jobs, message());
    List<CompletableFuture<List<JobId>>> receivers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Receiver receiver = user().receiver();
      receivers.add(
          inBackground(() -> {
            List<JobId> mine = new ArrayList<>();
            List<Delivery> some = receiver.receive(3, Duration.ZERO);
            while (!some.isEmpty()) {
              mine.addAll(ids(some));
              some = receiver.receive(3, Duration.ZERO);
            }
            return mine;
          }));
    }
    List<JobId> all = new ArrayList<>();
    for (CompletableFuture<List<JobId>> receiver : receivers) {
      all.addAll(receiver.get(10, TimeUnit.SECONDS));
    }
    assertThat(all).containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  default void receivingTakesAtMostWhatWasAskedFor() {
    user().send(5, message());
    assertThat(BrokerUser.now(user().receiver(), 3)).hasSize(3);
    assertThat(BrokerUser.now(user().receiver(), 3)).hasSize(2);
  }

  @Test
  default void receivingNothingOrTooMuchIsRejected() {
    rejected(() -> user().receiver().receive(0, Duration.ZERO));
    rejected(() -> user().receiver().receive(Receiver.RECEIVE_MAX + 1, Duration.ZERO));
  }

  @Test
  default void typesThatAreNotTakenAreLeftAlone() throws Exception {
    for (String type : List.of("a", "b", "c", "a")) {
      user().send(Message.of(type, type));
    }
    Receiver receiver = user().receiver();
    assertThat(types(receiver, ReceiveOptions.Types.only(Set.of("b", "x")))).containsExactly("b");
    assertThat(types(receiver, ReceiveOptions.Types.allBut(Set.of("a")))).containsExactly("c");
    assertThat(types(receiver, ReceiveOptions.Types.only(Set.of("b", "c")))).isEmpty();
    assertThat(types(receiver, ReceiveOptions.Types.ALL)).containsExactly("a", "a");
  }

  @Test
  default void receivingFromAQueueThatIsNotThereFindsNothing() {
    assertThat(BrokerUser.now(user().broker.queue("nowhere").receiver(), 1)).isEmpty();
  }

  @Test
  default void aWaitingReceiverIsWokenByAMessage() throws Exception {
    Receiver receiver = user().receiver();
    CompletableFuture<List<Delivery>> waiting = waiting(() -> receiver.receive(10, LONG));
    JobId id = user().send(message());
    assertThat(ids(waiting.get(10, TimeUnit.SECONDS))).containsExactly(id);
  }

  @Test
  default void aWaitingReceiverIsWokenByARelease() throws Exception {
    JobId id = user().send(message());
    Delivery delivery = user().receive();
    Receiver receiver = user().receiver();
    CompletableFuture<List<Delivery>> waiting = waiting(() -> receiver.receive(1, LONG));
    delivery.settle(Outcome.release());
    assertThat(ids(waiting.get(10, TimeUnit.SECONDS))).containsExactly(id);
  }

  @Test
  default void aWaitingReceiverIsWokenByAResume() throws Exception {
    user().send(message());
    user().admin().pause("test");
    Receiver receiver = user().receiver();
    CompletableFuture<List<Delivery>> waiting = waiting(() -> receiver.receive(1, LONG));
    user().admin().resume();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).hasSize(1);
  }

  @Test
  default void aWaitingReceiverIsWokenWhenOneThatIsUnsettledIsSettled() throws Exception {
    user().configure(QueueSettings.STANDARD.unsettledMax(2));
    user().send(4, message());
    List<Delivery> all = user().receive(2);
    user().receivesNothing();
    Receiver receiver = user().receiver();
    CompletableFuture<List<Delivery>> waiting = waiting(() -> receiver.receive(2, LONG));
    all.getFirst().done();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).hasSize(1);
    user().receivesNothing();
  }

  @Test
  default void aWaitingReceiverIsWokenWhenADelayIsOver() throws Exception {
    user().send(message().delay(Duration.ofMillis(300)));
    Receiver receiver = user().receiver();
    CompletableFuture<List<Delivery>> waiting = waiting(() -> receiver.receive(1, LONG));
    user().pass(Duration.ofMillis(300));
    assertThat(waiting.get(10, TimeUnit.SECONDS)).hasSize(1);
  }

  @Test
  default void aWaitingReceiverIsWokenByATypeThatItTakes() throws Exception {
    Receiver receiver = user().receiver();
    CompletableFuture<List<Delivery>> waiting =
        waiting(() -> receiver.receive(1, LONG, ReceiveOptions.Types.only(Set.of("b"))));
    user().send(Message.of("a", ""));
    JobId id = user().send(Message.of("b", ""));
    assertThat(ids(waiting.get(10, TimeUnit.SECONDS))).containsExactly(id);
  }

  @Test
  default void aWaitingReceiverIsWokenThoughOthersLookedAndLeft() throws Exception {
    Receiver receiver = user().receiver();
    CompletableFuture<List<Delivery>> waiting =
        waiting(() -> receiver.receive(1, LONG, ReceiveOptions.Types.only(Set.of("b"))));
    user().receivesNothing();
    JobId id = user().send(Message.of("b", ""));
    assertThat(ids(waiting.get(10, TimeUnit.SECONDS))).containsExactly(id);
  }

  @Test
  default void aWaitEnds() throws Exception {
    Receiver receiver = user().receiver();
    Duration wait = Duration.ofMillis(300);
    CompletableFuture<List<Delivery>> waiting = inBackground(() -> receiver.receive(1, wait));
    Await.until(
        "the end of the wait",
        () -> {
          user().pass(Duration.ofMillis(50));
          return waiting.isDone();
        });
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  default void closingAReceiverEndsItsWait() throws Exception {
    Receiver receiver = user().receiver();
    CountDownLatch started = new CountDownLatch(1);
    CompletableFuture<List<Delivery>> waiting =
        waiting(() -> {
          started.countDown();
          return receiver.receive(1, LONG);
        });
    assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
    receiver.close();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isEmpty();
    user().send(message());
    assertThat(BrokerUser.now(receiver, 1)).isEmpty();
    user().receive();
  }

  @Test
  default void anInterruptEndsAWait() throws Exception {
    Receiver receiver = user().receiver();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread thread = Thread.ofVirtual().start(() -> interrupted.complete(isCancelled(receiver)));
    BrokerUser.awaitWaiting(thread);
    thread.interrupt();
    assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  default void aWaiterThatGivesUpPassesItsWakeOn() throws Exception {
    for (int round = 0; round < 50; round++) {
      try (Receiver first = user().queue().receiver();
          Receiver second = user().queue().receiver()) {
        CompletableFuture<Boolean> gaveUp = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().start(() -> gaveUp.complete(isCancelled(first)));
        BrokerUser.awaitWaiting(thread);
        CompletableFuture<Boolean> waiting = new CompletableFuture<>();
        BrokerUser.awaitWaiting(
            Thread.ofVirtual().start(() -> waiting.complete(!isCancelled(second))));
        thread.interrupt();
        user().send(message("round " + round));
        if (gaveUp.get(10, TimeUnit.SECONDS)) {
          assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
        }
      }
    }
  }

  @Test
  default void noWakeUpIsLostAmongManyWaiters() throws Exception {
    int waiters = waiters();
    Receiver receiver = user().receiver();
    List<CompletableFuture<List<Delivery>>> all = new ArrayList<>();
    for (int i = 0; i < waiters; i++) {
      all.add(inBackground(() -> receiver.receive(1, LONG)));
    }
    List<Message> batch = Collections.nCopies(100, message());
    for (int sent = 0; sent < waiters; sent += batch.size()) {
      user().queue().send(batch);
    }
    Set<JobId> received = new HashSet<>();
    for (CompletableFuture<List<Delivery>> one : all) {
      received.addAll(ids(one.get(20, TimeUnit.SECONDS)));
    }
    assertThat(received).hasSize(waiters);
  }

  @Test
  default void peekingLeasesNothing() {
    JobId plain = user().send(message("a"));
    JobId high = user().send(message("b").priority(9));
    List<Job> peeked = user().queue().peek(10);
    assertThat(peeked).extracting(Job::id).containsExactly(high, plain);
    assertThat(peeked.getFirst().message().text()).isEqualTo("b");
    assertThat(user().queue().peek(1)).extracting(Job::id).containsExactly(high);
    assertThat(user().queue().stats().processing()).isZero();
    assertThat(user().broker.queue("nowhere").peek(1)).isEmpty();
    user().receive(2);
  }

  @Test
  default void aPausedQueueDeliversNothingUntilItIsResumed() {
    user().send(message());
    user().admin().pause("repair");
    user().send(message());
    user().receivesNothing();
    assertThat(user().admin().state().kind()).isEqualTo(QueueState.Kind.PAUSED);
    assertThat(user().admin().state().reason()).isEqualTo("repair");
    user().admin().resume();
    assertThat(user().admin().state().kind()).isEqualTo(QueueState.Kind.ACTIVE);
    user().receive(2);
  }

  @Test
  default void aDeliveryOfAPausedQueueCanBeSettled() {
    JobId id = user().send(message().tracked());
    Delivery delivery = user().receive();
    user().admin().pause("repair");
    delivery.done();
    user().awaitStatus(id, Status.Kind.DONE);
  }

  @Test
  default void aDrainingQueueTakesNothingAndDeliversTheRest() {
    user().send(message());
    user().admin().drain("moving");
    assertThatThrownBy(() -> user().send(message())).isInstanceOf(BrokerException.class);
    user().receive();
    user().admin().resume();
    user().send(message());
  }

  @Test
  default void anAtMostOnceMessageIsGoneWhenItIsReceived() {
    user().configure(BrokerUser.eager().delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
    JobId id = user().send(message("once"));
    Receiver receiver = user().receiver();
    Delivery delivery = BrokerUser.receive(receiver);
    assertThat(delivery.message().text()).isEqualTo("once");
    assertThat(user().queue().stats().depth()).isZero();
    assertThat(user().jobs().find(id)).isEmpty();
    delivery.retry("in vain");
    user().send(message("again"));
    BrokerUser.receive(receiver);
    receiver.close();
    user().pass(Duration.ofSeconds(1));
    user().receivesNothing();
  }

  @Test
  default void aClosedBrokerIsUnavailable() {
    Queue queue = user().broker.queue(QUEUE);
    user().closeReceivers();
    user().broker.close();
    assertThatThrownBy(() -> queue.send(message())).isInstanceOf(BrokerException.Unavailable.class);
    assertThatThrownBy(() -> queue.receiver().receive(1, Duration.ZERO))
        .isInstanceOf(BrokerException.Unavailable.class);
    user().broker.close();
  }

  private static boolean isCancelled(Receiver receiver) {
    try {
      receiver.receive(1, LONG).forEach(Delivery::done);
      return false;
    } catch (InterruptedException _) {
      return true;
    }
  }

  private static List<String> types(Receiver receiver, ReceiveOptions.Types types)
      throws InterruptedException {
    return receiver.receive(10, Duration.ZERO, types).stream()
        .map(delivery -> delivery.message().type())
        .toList();
  }

  private static List<JobId> ids(List<Delivery> deliveries) {
    return deliveries.stream().map(delivery -> delivery.job().id()).toList();
  }
}
