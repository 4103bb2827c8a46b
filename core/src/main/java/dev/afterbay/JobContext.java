package dev.afterbay;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What an attempt tells while it works: kept with its job, seen in {@code GET /jobs/{id}} and as
 * events, and gone when the job is. Each call is one small write, which the end of the process does
 * not undo; tell what a person or the next attempt needs, not every step of a loop.
 *
 * <p>What an attempt of an at-most-once queue tells is not kept, for its job is gone already.
 *
 * <p>All methods may throw {@link BrokerException.LeaseLost} if the job is not the caller's any
 * more, and {@link BrokerException.Unavailable} if nothing can be written now.
 */
public interface JobContext {

  /** Most bytes of a checkpoint, and of a result: 64 KiB. */
  int VALUE_BYTES_MAX = 64 << 10;

  /** Longest text of progress and longest line of the log, in UTF-16 units; the rest is cut off. */
  int LINE_CHARS_MAX = 1_000;

  /** Most lines of the log that are kept of one attempt: the latest ones. */
  int LINES_MAX = 200;

  /** Tells one thing; the methods below say it in fewer words. */
  void note(JobNotes.Note note);

  /** What this attempt, or else one before, kept last; costs a look-up. */
  Optional<byte[]> checkpoint();

  /**
   * How far the work has come.
   *
   * @param share 0 to 1
   * @param text such as {@code sending 40 of 100}; made plain ({@link PlainText#line})
   * @throws IllegalArgumentException if the share is not from 0 to 1
   */
  default void progress(double share, String text) {
    note(new JobNotes.Progress(share, text));
  }

  /**
   * Keeps a value for the next attempt, such as what was already done; it takes the place of the
   * one before. Survives a loss of power once this returns.
   *
   * @throws BrokerException.Rejected if it has more than {@value #VALUE_BYTES_MAX} bytes
   */
  default void checkpoint(byte[] value) {
    note(new JobNotes.Checkpoint(value));
  }

  /**
   * What the work came to; it takes the place of the one before. More than {@value
   * #VALUE_BYTES_MAX} bytes are cut off, and the result says so.
   *
   * @param contentType such as {@code application/json}
   */
  default void result(String contentType, byte[] value) {
    note(new JobNotes.Result(contentType, value));
  }

  /** A result that is text. */
  default void result(String text) {
    result("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A line for whoever looks at this attempt; made plain ({@link PlainText#lines}). Beyond {@value
   * #LINES_MAX} lines the oldest is dropped.
   */
  default void log(String line) {
    note(new JobNotes.Line(line));
  }
}
