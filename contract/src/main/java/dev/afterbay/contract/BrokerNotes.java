package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.leaseLost;
import static dev.afterbay.contract.BrokerUser.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.JobNotes.LoggedLine;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What an attempt tells while it works, and what is known of a message beside its body. */
interface BrokerNotes {

  BrokerUser user();

  @Test
  default void whatAnAttemptTellsIsKeptWithItsJob() {
    user().jobs();
    JobId id = user().send(message().tracked());
    Delivery delivery = user().receive();
    JobContext context = delivery.context();
    context.progress(0.4, "sending 40 of 100");
    context.log("connected");
    context.result("all went out");
    delivery.done();
    JobNotes notes = user().jobs().notes(id);
    assertThat(notes.progress()).isEqualTo(new JobNotes.Progress(0.4, "sending 40 of 100"));
    assertThat(notes.log().lines()).extracting(LoggedLine::text).containsExactly("connected");
    JobNotes.Result result = Objects.requireNonNull(notes.result());
    assertThat(new String(result.value(), StandardCharsets.UTF_8)).isEqualTo("all went out");
    assertThat(result.contentType()).isEqualTo("text/plain; charset=utf-8");
  }

  @Test
  default void theNextAttemptFindsTheCheckpoint() {
    user().jobs();
    user().configure(BrokerUser.eager());
    user().send(message());
    Delivery first = user().receive();
    assertThat(first.context().checkpoint()).isEmpty();
    first.context().checkpoint(new byte[] {0, -1, 7});
    first.retry("no");
    assertThat(user().receive().context().checkpoint()).contains(new byte[] {0, -1, 7});
  }

  @Test
  default void whoHasLostTheJobCanTellNothing() {
    user().jobs();
    user().configure(BrokerUser.eager());
    JobId id = user().send(message());
    Delivery old = user().receive();
    JobContext context = old.context();
    old.retry("no");
    Delivery current = user().receive();
    leaseLost(() -> context.progress(1, ""));
    leaseLost(() -> context.checkpoint(new byte[1]));
    leaseLost(() -> context.log("late"));
    current.context().log("in time");
    assertThat(user().jobs().notes(id).log().lines()).hasSize(1);
  }

  @Test
  default void aReceiptCanTellToo() {
    user().jobs();
    JobId id = user().send(message());
    Receipt receipt = user().receive().detach();
    user().queue().context(receipt).checkpoint(new byte[] {5});
    assertThat(user().queue().context(receipt).checkpoint()).contains(new byte[] {5});
    assertThat(user().jobs().notes(id).checkpoint())
        .isEqualTo(new JobNotes.Checkpoint(new byte[] {5}));
    user().queue().settle(receipt, Outcome.release());
    leaseLost(() -> user().queue().context(receipt).progress(0, ""));
  }

  @Test
  default void whatIsTooLargeIsRefusedOrCutAndSaysSo() {
    user().jobs();
    JobId id = user().send(message().tracked());
    JobContext context = user().receive().context();
    byte[] large = new byte[JobContext.VALUE_BYTES_MAX + 1];
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .isThrownBy(() -> context.checkpoint(large))
        .withMessageContaining("64 KiB");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> context.progress(1.01, ""));
    context.result("application/octet-stream", large);
    JobNotes.Result result = Objects.requireNonNull(user().jobs().notes(id).result());
    assertThat(result.value()).hasSize(JobContext.VALUE_BYTES_MAX);
    assertThat(result.cutBytes()).isEqualTo(1);
  }

  @Test
  default void whatIsHandedOutAtMostOnceTellsNothingAndDoesNoHarm() {
    user().jobs();
    user().configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
    JobId id = user().send(message());
    JobContext context = user().receive().context();
    context.progress(1, "done");
    context.checkpoint(new byte[1]);
    assertThat(context.checkpoint()).isEmpty();
    assertThat(user().jobs().notes(id)).isEqualTo(JobNotes.NONE);
  }

  @Test
  default void theCorrelationIdAndTheFirstDeliveryAreKnown() {
    user().configure(BrokerUser.eager());
    user().send(message().correlationId("order 7"));
    Delivery first = user().receive();
    assertThat(first.message().options().correlationId()).isEqualTo("order 7");
    assertThat(first.job().state().firstDeliveredAt()).isNotNull();
    first.retry("no");
    Job second = user().receive().job();
    assertThat(second.state().firstDeliveredAt()).isEqualTo(first.job().state().firstDeliveredAt());
    assertThat(second.message().options().correlationId()).isEqualTo("order 7");
  }
}
