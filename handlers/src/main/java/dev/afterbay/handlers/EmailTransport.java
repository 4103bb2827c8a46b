package dev.afterbay.handlers;

import dev.afterbay.worker.PermanentFailure;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Takes e-mails away. Safe for use by many threads. */
interface EmailTransport extends AutoCloseable {

  /** An e-mail that is ready to be sent to one recipient after the other. */
  @FunctionalInterface
  interface Letter {

    /**
     * Sends it to one recipient, who sees no other.
     *
     * @throws Unreachable if nobody else can be reached now either
     * @throws java.util.concurrent.RejectedExecutionException after {@link #close}; not sent
     */
    EmailReply send(EmailAddress to) throws Unreachable, InterruptedException;
  }

  /** The server cannot be used now, by whatever fault of it, of the network or of our settings. */
  final class Unreachable extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient EmailReply reply;
    private final transient @Nullable Duration retryAfter;

    /**
     * @param server that it is about
     * @param reply for the recipient that it was tried for; pending
     * @param retryAfter null: the server did not say
     */
    Unreachable(
        String server, EmailReply reply, @Nullable Duration retryAfter, @Nullable Throwable cause) {
      super(server + ": " + reply.shown(), cause);
      this.reply = reply;
      this.retryAfter = retryAfter;
    }

    EmailReply reply() {
      return reply;
    }

    @Nullable Duration retryAfter() {
      return retryAfter;
    }
  }

  /**
   * @param jobId makes the message ids
   * @throws PermanentFailure if it can never be sent by this transport
   */
  Letter prepare(Email email, String jobId, Instant date) throws PermanentFailure;

  @Override
  void close();
}
