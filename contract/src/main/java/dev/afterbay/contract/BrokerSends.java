package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.message;
import static dev.afterbay.contract.BrokerUser.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.SendResult;
import dev.afterbay.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Transitions 1 and 2 of model.md, and what is refused. */
interface BrokerSends {

  BrokerUser user();

  @Test
  default void aMessageIsReceivedAsItWasSent() {
    byte[] body = new byte[256];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) i;
    }
    Message sent =
        Message.of("pic.ture-1_A", body)
            .contentType("image/x-test; charset=binary")
            .attributes(Map.of("Name", "value", "umlaut", "äöü€😀 ", "empty", ""))
            .priority(6)
            .timeToLive(Duration.ofHours(2))
            .maxAttempts(7)
            .key("key: ä 1");
    JobId id = user().send(sent);

    assertThat(user().receive())
        .satisfies(delivery -> {
          assertThat(delivery.job().id()).isEqualTo(id);
          assertThat(delivery.message().type()).isEqualTo(sent.type());
          assertThat(delivery.message().contentType()).isEqualTo(sent.contentType());
          assertThat(delivery.message().body()).isEqualTo(body);
          assertThat(delivery.message().attributes()).isEqualTo(sent.attributes());
          assertThat(delivery.attempt()).isEqualTo(1);
        });
  }

  @Test
  default void textIsReceivedAsItWasSent() {
    for (String text : List.of("", "hello", "{\"a\":[1.0,\"é\\n\"]} ", "\u0000\uD83D\uDE00\r\n")) {
      user().send(Message.of("note", text));
      assertThat(user().receive().message().text()).isEqualTo(text);
    }
  }

  @Test
  default void bytesThatAreNoTextAreReceivedAsTheyWereSent() {
    byte[] body = {(byte) 0xff, (byte) 0xc0, 0, 65};
    user().send(Message.of("note", body).contentType(Message.TEXT));
    assertThat(user().receive().message().body()).isEqualTo(body);
  }

  @Test
  default void aBatchIsAcceptedInItsOrder() {
    List<SendResult> sent = user().queue().send(List.of(message("a"), message("b"), message("c")));
    assertThat(sent).hasSize(3).noneMatch(SendResult::known);
    assertThat(user().receive(3))
        .extracting(delivery -> delivery.job().id())
        .isEqualTo(sent.stream().map(SendResult::id).toList());
  }

  @Test
  default void aBatchIsAllOrNone() {
    Limits limits = user().queue().limits();
    assumeTrue(limits.atomicBatches());
    Message tooLarge = Message.of(new byte[limits.bodyBytesMax() + 1]);
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .isThrownBy(() -> user().queue().send(List.of(message(), tooLarge)))
        .matches(BrokerException.Rejected::tooLarge);
    user().receivesNothing();
  }

  @Test
  default void aBatchForSeveralQueuesIsAllOrNone() {
    List<Broker.Addressed> messages =
        List.of(
            new Broker.Addressed("b", message("1")),
            new Broker.Addressed(BrokerUser.QUEUE, message("2").key("k")),
            new Broker.Addressed("b", message("3")),
            new Broker.Addressed(BrokerUser.QUEUE, message("4").key("k")));
    List<SendResult> sent = user().sendToSeveral(messages);
    assertThat(sent).extracting(SendResult::known).containsExactly(false, false, false, true);
    assertThat(sent.get(3).id()).isEqualTo(sent.get(1).id());
    assertThat(user().receive().job().id()).isEqualTo(sent.get(1).id());

    user().broker.queue("b").admin().orElseThrow().configure(QueueSettings.STANDARD.depthMax(3L));
    assertThatExceptionOfType(BrokerException.QueueFull.class)
        .isThrownBy(() ->
            user()
                .broker
                .send(
                    List.of(
                        new Broker.Addressed(BrokerUser.QUEUE, message("5")),
                        messages.getFirst(),
                        messages.get(2))));
    user().receivesNothing();
    assertThat(user().broker.queue("b").peek(9))
        .extracting(Job::id)
        .containsExactly(sent.get(0).id(), sent.get(2).id());
    assertThat(user().broker.send(List.of())).isEmpty();
  }

  @Test
  default void anEmptyBatchSendsNothing() {
    assertThat(user().queue().send(List.of())).isEmpty();
    user().receivesNothing();
  }

  @Test
  default void idsSortByTheOrderOfSending() {
    List<JobId> ids = user().send(5, message());
    assertThat(ids).isSorted().doesNotHaveDuplicates();
  }

  @Test
  default void aBodyMayBeAsLargeAsTheLimitAndNoLarger() {
    int max = user().queue().limits().bodyBytesMax();
    byte[] body = new byte[max];
    Arrays.fill(body, (byte) 'x');
    user().send(Message.of(body));
    assertThat(user().receive().message().body()).isEqualTo(body);
    tooLarge(List.of(Message.of(new byte[max + 1])));
  }

  @Test
  default void attributesMayBeAsLargeAsTheLimitAndNoLarger() {
    int max = Math.min(user().queue().limits().attributesBytesMax(), 8_000);
    Map<String, String> fitting = Map.of("a", "é".repeat((max - 2) / 2));
    user().send(message().attributes(fitting));
    assertThat(user().receive().message().attributes()).isEqualTo(fitting);
    int over = user().queue().limits().attributesBytesMax();
    tooLarge(List.of(message().attributes(Map.of("a", "x".repeat(over)))));
  }

  @Test
  default void aBatchMayBeAsLongAsTheLimitAndNoLonger() {
    int max = user().queue().limits().batchMessagesMax();
    assertThat(user().queue().send(Collections.nCopies(max, message()))).hasSize(max);
    assertThat(user().queue().stats().pending()).isEqualTo(max);
    tooLarge(Collections.nCopies(max + 1, message()));
  }

  @Test
  default void aBatchMayBeAsLargeAsTheLimitAndNoLarger() {
    Limits limits = user().queue().limits();
    Message large = Message.of(new byte[limits.bodyBytesMax()]);
    tooLarge(Collections.nCopies(limits.batchBytesMax() / limits.bodyBytesMax() + 1, large));
  }

  @Test
  default void namesAreChecked() {
    for (String bad : List.of("", ".", "..", "a b", "a/b", "ä", "x".repeat(129), "a\n")) {
      rejected(() -> user().broker.queue(bad));
      rejected(() -> Message.of(bad, "x"));
    }
    for (String good : List.of("a", "A.b_c-9", ".a", "-", "x".repeat(128))) {
      JobId id = user().broker.queue(good).send(Message.of(good, "x"));
      assertThat(user().broker.queue(good).peek(1))
          .singleElement()
          .matches(job -> job.id().equals(id) && job.message().type().equals(good));
    }
  }

  @Test
  default void sessionsAndKeysArePrintable() {
    for (String bad : List.of("", "a\n", "\u0000", "x".repeat(257), "\uD800")) {
      rejected(() -> message().session(bad));
      rejected(() -> message().key(bad));
    }
    for (String good : List.of("a b/c?d=e&f#g%h", "ä€😀", "x".repeat(256))) {
      user().send(message().key(good));
      user().send(message().session(good));
    }
  }

  @Test
  default void attributesAreLimitedInNumberAndNames() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i <= Message.ATTRIBUTES_MAX; i++) {
      many.put("a" + i, "x");
    }
    rejected(() -> message().attributes(many));
    rejected(() -> message().attributes(Map.of("", "x")));
    rejected(() -> message().attributes(Map.of("x".repeat(129), "x")));
  }

  @Test
  default void aQueueExistsFromItsFirstMessageOn() {
    assertThat(user().admin().exists()).isFalse();
    assertThat(user().broker.queues()).isEmpty();
    user().send(message());
    user().receive().done();
    assertThat(user().admin().exists()).isTrue();
    assertThat(user().broker.queues()).containsExactly(BrokerUser.QUEUE);
  }

  @Test
  default void aKnownKeyIsTheFirstMessage() {
    JobId first = user().send(message("first").key("k"));
    SendResult second = user().queue().send(List.of(message("second").key("k"))).getFirst();
    assertThat(second).isEqualTo(new SendResult(first, true));
    assertThat(user().queue().stats().pending()).isEqualTo(1);
    assertThat(user().receive().message().text()).isEqualTo("first");
  }

  @Test
  default void aKeyIsKnownAfterItsJobIsDone() {
    JobId first = user().send(message().key("k"));
    user().receive().done();
    assertThat(user().queue().send(List.of(message().key("k"))))
        .containsExactly(new SendResult(first, true));
    user().receivesNothing();
  }

  @Test
  default void aKeyIsKnownWithinItsBatch() {
    List<SendResult> sent = user().queue().send(List.of(message().key("k"), message().key("k")));
    assertThat(sent.get(1)).isEqualTo(new SendResult(sent.get(0).id(), true));
  }

  @Test
  default void aKeyIsForgottenAfterTheWindowOfItsQueueOrItsOwn() {
    user().configure(QueueSettings.STANDARD.dedupWindow(Duration.ofMinutes(1)));
    JobId first = user().send(message().key("k"));
    JobId longer = user().send(message().key("l", Duration.ofMinutes(3)));
    user().pass(Duration.ofMinutes(2));
    assertThat(user().send(message().key("k"))).isNotEqualTo(first);
    assertThat(user().send(message().key("l"))).isEqualTo(longer);
  }

  @Test
  default void aKeyIsOfItsQueue() {
    JobId first = user().send(message().key("k"));
    assertThat(user().broker.queue("other").send(message().key("k"))).isNotEqualTo(first);
  }

  @Test
  default void aFullQueueTakesNoMore() {
    user().configure(QueueSettings.STANDARD.depthMax(2L));
    user().send(message());
    List<Message> two = List.of(message(), message());
    assertThatThrownBy(() -> user().queue().send(two))
        .isInstanceOf(BrokerException.QueueFull.class);
    user().send(message().delay(Duration.ofHours(1)));
    assertThatThrownBy(() -> user().send(message())).isInstanceOf(BrokerException.QueueFull.class);
    user().receive().done();
    user().send(message());
  }

  @Test
  default void sendersAtTheSameTimeFillAQueueExactly() throws Exception {
    int max = 20;
    user().configure(QueueSettings.STANDARD.depthMax((long) max));
    List<Callable<Boolean>> sends =
        Collections.nCopies(5 * max, () -> isSent(() -> user().send(message())));
    int sent = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> each : threads.invokeAll(sends)) {
        sent += each.get() ? 1 : 0;
      }
    }
    assertThat(sent).isEqualTo(max);
    assertThat(user().queue().stats().depth()).isEqualTo(max);
  }

  @Test
  default void aMessageThatIsKnownIsSentToAFullQueue() {
    user().configure(QueueSettings.STANDARD.depthMax(1L));
    JobId id = user().send(message().key("k"));
    assertThat(user().send(message().key("k"))).isEqualTo(id);
    assertThat(isSent(() -> user().queue().send(List.of(message().key("k"), message())))).isFalse();
    assertThat(user().queue().stats().depth()).isEqualTo(1);
  }

  @Test
  default void aDelayedMessageIsReceivedAfterItsDelay() {
    Duration delay = Duration.ofMillis(500);
    user().send(message("later").delay(delay));
    user().send(message("now"));
    assertThat(user().receive().message().text()).isEqualTo("now");
    if (user().hasTestClock()) {
      user().pass(delay.minusMillis(1));
      user().receivesNothing();
    }
    user().pass(delay);
    assertThat(user().receive().message().text()).isEqualTo("later");
  }

  @Test
  default void aScheduledMessageIsReceivedAtItsTime() {
    Instant at = TestClock.START.plusSeconds(3_600);
    user().clock();
    user().send(message().notBefore(at));
    user().pass(Duration.ofMinutes(59));
    user().receivesNothing();
    user().pass(Duration.ofMinutes(1).plus(BrokerUser.LATE));
    user().receive();
  }

  @Test
  default void aScheduledMessageOfThePastIsReceivedNow() {
    user().send(message().notBefore(Instant.EPOCH));
    user().receive();
  }

  @Test
  default void aDelayAndATimeContradictEachOther() {
    rejected(() -> message().delay(Duration.ZERO).notBefore(Instant.EPOCH));
  }

  @Test
  default void aMessageWhoseTimeToLiveIsOverIsNotReceived() {
    Message message = message().timeToLive(Duration.ofMillis(200));
    JobId id = user().send(message);
    user().pass(Duration.ofMillis(200).plus(BrokerUser.LATE));
    user().receivesNothing();
    user().awaitFailed(id, Status.Reason.EXPIRED, "expired");
  }

  /** False: the queue was full. */
  private static boolean isSent(Runnable send) {
    try {
      send.run();
      return true;
    } catch (BrokerException.QueueFull _) {
      return false;
    }
  }

  private void tooLarge(List<Message> messages) {
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .isThrownBy(() -> user().queue().send(messages))
        .matches(BrokerException.Rejected::tooLarge);
  }
}
