package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.LATE;
import static dev.afterbay.contract.BrokerUser.leaseLost;
import static dev.afterbay.contract.BrokerUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Settlement;
import dev.afterbay.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Receipts: a delivery that outlives its receiver, settled and renewed by text (model.md). */
interface BrokerReceipts {

  BrokerUser user();

  @Test
  default void aDetachedDeliveryOutlivesItsReceiver() {
    JobId id = user().send(message().tracked());
    Receiver receiver = user().receiver(ReceiveOptions.STANDARD.detached(true));
    Receipt receipt = BrokerUser.receive(receiver).detach();
    assertThat(receipt.value()).matches("[A-Za-z0-9_-]{1," + Receipt.CHARS_MAX + "}");
    receiver.close();
    user().receivesNothing();
    user().queue().settle(receipt, Outcome.done());
    assertThat(user().awaitStatus(id, Status.Kind.DONE).state().attempts()).isEqualTo(1);
  }

  @Test
  default void aReceiptSettlesOnce() {
    JobId id = user().send(message().tracked());
    Receipt receipt = user().receive().detach();
    user().queue().settle(receipt, Outcome.done());
    leaseLost(() -> user().queue().settle(receipt, Outcome.fail("again")));
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.DONE);
  }

  @Test
  default void anOldReceiptIsHarmless() {
    user().configure(BrokerUser.eager());
    JobId id = user().send(message().tracked());
    Receipt old = user().receive().detach();
    user().queue().settle(old, Outcome.release());
    Receipt current = user().receive().detach();
    assertThat(current).isNotEqualTo(old);
    leaseLost(() -> user().queue().settle(old, Outcome.done()));
    assertThat(renew(old, null)).get().isInstanceOf(BrokerException.LeaseLost.class);
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.PROCESSING);
    user().queue().settle(current, Outcome.done());
  }

  @Test
  default void aReceiptIsRenewed() {
    user().clock();
    user().send(message().tracked());
    Receipt receipt = user().receive().detach();
    user().pass(Duration.ofSeconds(20));
    assertThat(renew(receipt, null)).isEmpty();
    user().pass(Duration.ofSeconds(20));
    assertThat(renew(receipt, Duration.ofMinutes(10))).isEmpty();
    user().pass(Duration.ofMinutes(9));
    user().receivesNothing();
    user().pass(Duration.ofMinutes(1).plus(LATE));
    assertThat(renew(receipt, null)).get().isInstanceOf(BrokerException.LeaseLost.class);
    leaseLost(() -> user().queue().settle(receipt, Outcome.done()));
  }

  @Test
  default void receiptsAreSettledEachOnItsOwn() {
    List<JobId> ids = user().send(3, message().tracked());
    List<Receipt> receipts = user().receive(3).stream().map(Delivery::detach).toList();
    user().queue().settle(receipts.get(1), Outcome.done());
    List<Settlement> settlements =
        List.of(
            new Settlement(receipts.get(0), Outcome.fail("no")),
            new Settlement(receipts.get(1), Outcome.done()),
            new Settlement(receipts.get(2), Outcome.done()));
    List<Optional<BrokerException>> results = user().queue().settle(settlements);
    assertThat(results.get(0)).isEmpty();
    assertThat(results.get(1)).get().isInstanceOf(BrokerException.LeaseLost.class);
    assertThat(results.get(2)).isEmpty();
    user().awaitStatus(ids.get(0), Status.Kind.FAILED);
    user().awaitStatus(ids.get(2), Status.Kind.DONE);
  }

  @Test
  default void aForeignReceiptDoesNotHinderTheOthers() {
    JobId id = user().send(message().tracked());
    Receipt receipt = user().receive().detach();
    List<Optional<BrokerException>> results =
        user()
            .queue()
            .settle(
                List.of(
                    new Settlement(new Receipt("nonsense"), Outcome.done()),
                    new Settlement(receipt, Outcome.done())));
    assertThat(results.get(0)).isPresent();
    assertThat(results.get(1)).isEmpty();
    user().awaitStatus(id, Status.Kind.DONE);
    assertThat(renew(new Receipt("nonsense"), null)).isPresent();
  }

  @Test
  default void aReceiptOfWhatWasHandedOutAtMostOnceDoesNothing() {
    user().configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
    user().send(message());
    Receipt receipt = user().receive().detach();
    user().queue().settle(receipt, Outcome.retry("no"));
    assertThat(renew(receipt, null)).isEmpty();
    assertThat(user().queue().stats()).isEqualTo(QueueStats.EMPTY);
  }

  @Test
  default void aReceiptIsOfItsQueue() {
    JobId id = user().send(message().tracked());
    Receipt receipt = user().receive().detach();
    leaseLost(() -> user().broker.queue("other").settle(receipt, Outcome.done()));
    assertThat(user().broker.queue("other").renew(List.of(receipt), null).getFirst()).isPresent();
    user().queue().settle(receipt, Outcome.done());
    user().awaitStatus(id, Status.Kind.DONE);
  }

  private Optional<BrokerException> renew(Receipt receipt, @Nullable Duration lease) {
    return user().queue().renew(List.of(receipt), lease).getFirst();
  }
}
