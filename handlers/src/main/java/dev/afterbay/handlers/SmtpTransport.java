package dev.afterbay.handlers;

import dev.afterbay.worker.PermanentFailure;
import java.time.Instant;
import javax.net.ssl.SSLSocketFactory;

/** Sends by an SMTP server. */
final class SmtpTransport implements EmailTransport {
  private final EmailAddress from;
  private final SmtpPool pool;

  SmtpTransport(EmailAddress from, SmtpSettings settings, SSLSocketFactory trust) {
    this.from = from;
    this.pool = new SmtpPool(settings, trust);
  }

  @Override
  public Letter prepare(Email email, String jobId, Instant date) throws PermanentFailure {
    EmailMime mime = EmailMime.of(email, from, jobId, date);
    return to -> pool.send(mime, from, to);
  }

  @Override
  public void close() {
    pool.close();
  }
}
