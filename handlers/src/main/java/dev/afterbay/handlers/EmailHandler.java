package dev.afterbay.handlers;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.JobContext;
import dev.afterbay.Outcome;
import dev.afterbay.handlers.EmailTransport.Letter;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.PermanentFailure;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends the e-mail that a job describes, to each of its recipients alone (docs/email.md):
 *
 * <ul>
 *   <li>accepted by the server for one recipient or more, and rejected for the others: done
 *   <li>rejected for all (5yz), or an e-mail that can never be sent: fail
 *   <li>a temporary reply (4yz), no server, no login: another attempt, for those who are undecided
 * </ul>
 *
 * <p>What came of each recipient is kept as the job's checkpoint before the next one is sent to,
 * and shown in its result. Run it on virtual threads, as a worker does: an interrupt ends a
 * connection.
 */
public final class EmailHandler implements Handler, AutoCloseable {

  private static final Logger LOG = System.getLogger(EmailHandler.class.getName());

  private static final Duration MARGIN_MAX = Duration.ofSeconds(10);

  static final String NO_SETTINGS =
      "no SMTP settings: set workers[].email.smtp (host, user, password_file) or"
          + " workers[].email.cloudflare, and workers[].email.from";

  private final @Nullable EmailTransport transport;
  private final InstantSource clock;
  private final @Nullable Duration timeout;

  EmailHandler(@Nullable EmailTransport transport, InstantSource clock) {
    this(transport, clock, null);
  }

  private EmailHandler(
      @Nullable EmailTransport transport, InstantSource clock, @Nullable Duration timeout) {
    this.transport = transport;
    this.clock = clock;
    this.timeout = timeout;
  }

  /** The same with a limit on one attempt, which ends between two recipients. */
  EmailHandler within(Duration timeout) {
    return new EmailHandler(transport, clock, timeout);
  }

  /**
   * Sends by an SMTP server.
   *
   * @param from the sender of each e-mail: {@code Name <name@example.com>}
   * @throws IllegalArgumentException if the sender is not an address
   */
  public static EmailHandler over(String from, SmtpSettings settings) {
    return over(EmailAddress.parse(from), settings);
  }

  /**
   * Sends by Cloudflare.
   *
   * @param from the sender of each e-mail: {@code Name <name@example.com>}
   * @throws IllegalArgumentException if the sender is not an address
   */
  public static EmailHandler over(String from, CloudflareSettings settings) {
    return over(EmailAddress.parse(from), settings);
  }

  static EmailHandler over(EmailAddress from, SmtpSettings settings) {
    if (settings.isInClear()) {
      LOG.log(
          Level.WARNING,
          "the login to " + settings.server() + " is sent in clear: smtp.tls is none");
    }
    SSLSocketFactory trust = (SSLSocketFactory) SSLSocketFactory.getDefault();
    return new EmailHandler(new SmtpTransport(from, settings, trust), InstantSource.system());
  }

  static EmailHandler over(EmailAddress from, CloudflareSettings settings) {
    return new EmailHandler(
        new CloudflareTransport(from, settings, InstantSource.system()), InstantSource.system());
  }

  /** Fails each job: there is no server to send by. */
  static EmailHandler withoutSettings() {
    return new EmailHandler(null, InstantSource.system());
  }

  @Override
  public Outcome handle(Delivery delivery) throws InterruptedException {
    long began = System.nanoTime();
    long timeMax = timeout == null ? Long.MAX_VALUE : timeout.minus(margin(timeout)).toNanos();
    if (transport == null) {
      return Outcome.fail(NO_SETTINGS);
    }
    try {
      Email email = EmailJson.read(delivery.message());
      Letter letter = transport.prepare(email, delivery.job().id().toString(), clock.instant());
      EmailRecipients recipients = new EmailRecipients(email.recipients());
      return new EmailAttempt(
              delivery,
              context(delivery, recipients),
              letter,
              recipients,
              () -> System.nanoTime() - began >= timeMax)
          .run();
    } catch (PermanentFailure e) {
      return Outcome.fail(String.valueOf(e.getMessage()));
    } catch (RejectedExecutionException _) {
      return Outcome.release(); // Closed: what was sent before is kept.
    }
  }

  /** What the recipient that is sent to last may take. */
  private static Duration margin(Duration timeout) {
    Duration quarter = timeout.dividedBy(4);
    return quarter.compareTo(MARGIN_MAX) < 0 ? quarter : MARGIN_MAX;
  }

  /** Ends the connections: what is being sent fails, later jobs are released. */
  @Override
  public void close() {
    if (transport != null) {
      transport.close();
    }
  }

  /** Null: the broker keeps no record, so that nobody could tell who had the e-mail already. */
  private static @Nullable JobContext context(Delivery delivery, EmailRecipients recipients)
      throws PermanentFailure {
    try {
      return delivery.context();
    } catch (BrokerException.Unsupported e) {
      if (recipients.size() > 1) {
        throw new PermanentFailure(
            "this broker keeps no record of what was sent: send one job for each recipient", e);
      }
      return null;
    }
  }
}
