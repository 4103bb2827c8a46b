package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.QUEUE;
import static dev.afterbay.contract.BrokerUser.conflict;
import static dev.afterbay.contract.BrokerUser.message;
import static dev.afterbay.contract.BrokerUser.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Broker;
import dev.afterbay.Codec;
import dev.afterbay.Delivery;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.RetryPolicy;
import dev.afterbay.Status;
import dev.afterbay.TypedQueue;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Settings, state and counts of a queue; typed queues. */
interface BrokerQueues {

  BrokerUser user();

  @Test
  default void aConfiguredQueueExistsWithItsSettings() {
    QueueSettings settings =
        new QueueSettings(
            QueueSettings.DeliveryMode.AT_MOST_ONCE,
            QueueSettings.Order.FIFO,
            Duration.ofSeconds(45),
            QueueSettings.UNLIMITED,
            new RetryPolicy(Duration.ofMillis(1), 1.5, Duration.ofDays(1), 0.25),
            Duration.ofDays(14),
            Duration.ofHours(1),
            new QueueSettings.Retention(Duration.ofDays(1), Duration.ofDays(90)),
            Duration.ofDays(3),
            1_000L,
            77);
    user().configure(settings);
    assertThat(user().admin().exists()).isTrue();
    assertThat(user().admin().settings()).isEqualTo(settings);
    assertThat(user().broker.queue("other").admin().orElseThrow().settings())
        .isEqualTo(QueueSettings.STANDARD);
    assertThat(user().broker.queue("other").admin().orElseThrow().exists()).isFalse();
    assertThat(user().broker.queues()).containsExactly(QUEUE);
    user().configure(QueueSettings.STANDARD);
    assertThat(user().admin().settings()).isEqualTo(QueueSettings.STANDARD);
  }

  @Test
  default void queuesAreListedByName() {
    for (String name : List.of("b", "a", "c.d", "A")) {
      user().broker.queue(name).send(message());
    }
    assertThat(user().broker.queues()).containsExactly("A", "a", "b", "c.d");
    assertThat(user().broker.queues(null, 2)).containsExactly("A", "a");
    assertThat(user().broker.queues("a", 2)).containsExactly("b", "c.d");
    assertThat(user().broker.queues("b", 2)).containsExactly("c.d");
    assertThat(user().broker.queues("c.d", Broker.QUEUES_PAGE_MAX)).isEmpty();
    rejected(() -> user().broker.queues(null, 0));
    rejected(() -> user().broker.queues(null, Broker.QUEUES_PAGE_MAX + 1));
  }

  @Test
  default void countsFollowTheJobs() {
    user().configure(BrokerUser.eager());
    assertThat(user().queue().stats()).isEqualTo(QueueStats.EMPTY);
    user().send(4, message().tracked());
    user().send(message().delay(Duration.ofHours(1)));
    List<Delivery> deliveries = user().receive(3);
    deliveries.get(0).done();
    deliveries.get(1).fail("no");
    JobId last = user().queue().peek(1).getFirst().id();
    user().jobs().cancel(last);

    QueueStats stats = user().queue().stats();
    assertThat(stats).isEqualTo(new QueueStats(0, 1, 0, 1, 1, 1, 1, stats.oldestPendingAge()));
    assertThat(stats.depth()).isEqualTo(2);
    assertThat(user().broker.queue("nowhere").stats()).isEqualTo(QueueStats.EMPTY);
  }

  @Test
  default void theOldestAgeIsThatOfTheOldestDueJob() {
    user().clock();
    user().send(message());
    user().pass(Duration.ofSeconds(10));
    user().send(message().delay(Duration.ofSeconds(5)));
    user().pass(Duration.ofSeconds(20));
    assertThat(user().queue().stats().oldestPendingAge()).isEqualTo(Duration.ofSeconds(30));
    user().receive();
    assertThat(user().queue().stats().oldestPendingAge()).isEqualTo(Duration.ofSeconds(15));
  }

  @Test
  default void orderAndDeliveryAreFixedWhileJobsHaveNotEnded() {
    user().send(message());
    QueueSettings fifo = QueueSettings.STANDARD.order(QueueSettings.Order.FIFO);
    QueueSettings once = QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE);
    conflict(() -> user().configure(fifo));
    conflict(() -> user().configure(once));
    user().configure(QueueSettings.STANDARD.maxAttempts(9));
    user().receive().done();
    user().configure(fifo);
    assertThat(user().admin().settings()).isEqualTo(fifo);
  }

  /** A job that is redriven goes to its place in the order by which it was made. */
  @Test
  default void theOrderIsFixedWhileJobsAreKeptThatCouldBeRedriven() {
    user().send(message());
    user().receive().fail("no");
    QueueSettings fifo = QueueSettings.STANDARD.order(QueueSettings.Order.FIFO);
    conflict(() -> user().configure(fifo));
    user().configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
    user().admin().purge(Status.Kind.FAILED);
    user().configure(fifo);
    assertThat(user().admin().settings()).isEqualTo(fifo);
  }

  @Test
  default void whatCouldHarmWhoReadsWhyAQueueIsPausedIsReplaced() {
    user().send(message());
    user().admin().pause("a\u001b[31m\u009b\u202eb\nc\u0000");
    assertThat(user().admin().state().reason()).isEqualTo("a\uFFFD[31m\uFFFD\uFFFDb\nc\uFFFD");
    user().admin().drain("x".repeat(Outcome.REASON_CHARS_MAX) + "yz");
    assertThat(user().admin().state().reason()).isEqualTo("x".repeat(Outcome.REASON_CHARS_MAX));
  }

  @Test
  default void aQueueIsDeletedWithItsSettings() {
    user().configure(QueueSettings.STANDARD.maxAttempts(9));
    user().send(message());
    conflict(() -> user().admin().delete(false));
    user().receive().done();
    user().admin().delete(false);
    assertThat(user().admin().exists()).isFalse();
    assertThat(user().broker.queues()).isEmpty();
    assertThat(user().admin().settings()).isEqualTo(QueueSettings.STANDARD);
  }

  @Test
  default void aQueueIsDeletedByForceWithItsJobs() {
    user().send(3, message().tracked());
    user().send(2, message().session("s"));
    user().send(message().delay(Duration.ofHours(1)));
    List<Delivery> deliveries = user().receive(2);
    deliveries.get(0).done();
    user().admin().pause("gone soon");
    user().admin().delete(true);

    assertThat(user().broker.queues()).isEmpty();
    assertThat(user().queue().stats()).isEqualTo(QueueStats.EMPTY);
    assertThat(user().admin().state()).isEqualTo(QueueState.ACTIVE);
    BrokerUser.leaseLost(() -> deliveries.get(1).done());
    JobId anew = user().send(message());
    assertThat(user().receive().job().id()).isEqualTo(anew);
  }

  @Test
  default void aTypedQueueCarriesValues() throws Exception {
    TypedQueue<String> typed = user().broker.queue(QUEUE, Codec.text());
    typed.send("greeting", "grüß Gott");
    typed.send("greeting", "later", message -> message.delay(Duration.ofHours(1)));
    Delivery delivery = user().receive();
    assertThat(delivery.message().type()).isEqualTo("greeting");
    assertThat(delivery.message().contentType()).isEqualTo(Codec.text().contentType());
    assertThat(typed.codec().decode(delivery.message().body())).isEqualTo("grüß Gott");
    assertThat(user().queue().stats().scheduled()).isEqualTo(1);
  }

  @Test
  default void aBodyThatCannotBeDecodedSaysSo() {
    byte[] body = {(byte) 0xff};
    assertThatThrownBy(() -> Codec.text().decode(body))
        .isInstanceOf(Codec.UndecodableException.class);
  }
}
