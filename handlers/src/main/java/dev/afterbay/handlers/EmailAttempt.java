package dev.afterbay.handlers;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.JobContext;
import dev.afterbay.Outcome;
import dev.afterbay.handlers.EmailReply.State;
import dev.afterbay.handlers.EmailTransport.Letter;
import dev.afterbay.handlers.EmailTransport.Unreachable;
import dev.afterbay.worker.PermanentFailure;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One attempt at an e-mail job: sends to each recipient that is not decided yet. */
final class EmailAttempt {

  /*
   * With one recipient there is nothing to go on with: what came of it is the outcome of the
   * attempt, so neither checkpoint nor progress is written.
   */

  private static final Logger LOG = System.getLogger(EmailAttempt.class.getName());

  /** Of a job with very many recipients, progress is told this often. */
  private static final int PROGRESS_STEPS = 100;

  private final Delivery delivery;
  private final @Nullable JobContext context;
  private final Letter letter;
  private final EmailRecipients recipients;
  private final BooleanSupplier isTimeOver;

  /**
   * @param context null: only for a single recipient
   * @param isTimeOver asked before each recipient but the first
   */
  EmailAttempt(
      Delivery delivery,
      @Nullable JobContext context,
      Letter letter,
      EmailRecipients recipients,
      BooleanSupplier isTimeOver) {
    this.delivery = delivery;
    this.context = context;
    this.letter = letter;
    this.recipients = recipients;
    this.isTimeOver = isTimeOver;
  }

  Outcome run() throws PermanentFailure, InterruptedException {
    boolean isBulk = recipients.size() > 1;
    if (context != null && isBulk) {
      Optional<byte[]> before = context.checkpoint();
      if (before.isPresent()) {
        recipients.restore(before.get());
      }
      // Where none can be kept now, nothing is sent that each further attempt would send again.
      context.checkpoint(recipients.checkpoint());
    }
    Outcome stopped = null;
    boolean sent = false;
    for (int i = 0; i < recipients.size() && stopped == null; i++) {
      if (!recipients.isDecided(i)) {
        stopped = stops(isBulk, sent);
        if (stopped == null) {
          stopped = send(i);
          sent = true;
        }
      }
    }
    tellResult();
    return stopped == null ? outcome() : stopped;
  }

  /** Returns null to go on with the next. */
  private @Nullable Outcome send(int i) throws InterruptedException {
    try {
      recipients.set(i, letter.send(recipients.address(i)));
    } catch (Unreachable e) {
      recipients.set(i, e.reply());
      String reason = String.valueOf(e.getMessage());
      return new Outcome.Retry(reason, e.retryAfter());
    }
    if (context != null && recipients.size() > 1 && recipients.isDecided(i)) {
      context.checkpoint(recipients.checkpoint());
      tellProgress(context);
    }
    return null;
  }

  private void tellProgress(JobContext context) {
    int size = recipients.size();
    int decided = size - recipients.count(State.PENDING);
    int step = Math.max(1, size / PROGRESS_STEPS);
    if (decided % step == 0 || decided == size) {
      context.progress((double) decided / size, recipients.progress());
    }
  }

  /** It is not worth sending again: what it says is lost rather. */
  private void tellResult() {
    if (context == null) {
      return;
    }
    try {
      context.result("application/json", recipients.result());
    } catch (BrokerException e) {
      LOG.log(Level.WARNING, "the result of job " + delivery.job().id() + " was not kept", e);
    }
  }

  private Outcome outcome() {
    int pending = recipients.count(State.PENDING);
    if (pending > 0) {
      return Outcome.retry(
          pending
              + " of "
              + recipients.size()
              + " not sent yet: "
              + recipients.firstReply(State.PENDING));
    }
    return recipients.count(State.ACCEPTED) > 0
        ? Outcome.done()
        : Outcome.fail("rejected: " + recipients.firstReply(State.REJECTED));
  }

  /**
   * Whether to stop before the next recipient; null: not.
   *
   * @param sent each attempt sends to one at least, however short its time is
   */
  private @Nullable Outcome stops(boolean isBulk, boolean sent) {
    if (isBulk && delivery.cancelRequested()) {
      return Outcome.release(); // A job that is to be cancelled is, when it comes back.
    }
    return sent && isTimeOver.getAsBoolean()
        ? Outcome.retry(recipients.progress() + ", the time of the attempt is over", Duration.ZERO)
        : null;
  }
}
