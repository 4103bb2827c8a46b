package dev.afterbay;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt that ended, kept in the history of its job.
 *
 * @param consumer who had the lease
 * @param outcome a lapsed lease counts as a {@link Outcome.Retry}
 */
public record Attempt(String consumer, Instant startedAt, Instant endedAt, Outcome outcome) {

  private static final long OTHER_BYTES = 256;

  /** What went wrong; null: nothing did. */
  public @Nullable String error() {
    return switch (outcome) {
      case Outcome.Retry(String reason, _) -> reason;
      case Outcome.Fail(String reason) -> reason;
      case Outcome.Done _, Outcome.Release _ -> null;
    };
  }

  /** What it counts among the {@link Job#bytes} of its job. */
  public long bytes() {
    String error = error();
    int chars = consumer.length() + (error == null ? 0 : error.length());
    return OTHER_BYTES + Job.CHAR_BYTES * chars;
  }
}
