package dev.afterbay;

import org.jspecify.annotations.Nullable;

/**
 * Which failed jobs of a queue get a fresh set of attempts, and how fast.
 *
 * @param type only of this type; null: all
 * @param errorContains only those whose last error contains this text; null: all
 * @param limit at most this many; null: all
 * @param perSecond at this rate, in the background; null: at once
 * @param dryRun only counts
 */
public record Redrive(
    @Nullable String type,
    @Nullable String errorContains,
    @Nullable Long limit,
    @Nullable Integer perSecond,
    boolean dryRun) {

  public static final Redrive ALL = new Redrive(null, null, null, null, false);

  public Redrive {
    Check.that(limit == null || limit >= 1, "limit", "must be at least 1");
    Check.that(perSecond == null || perSecond >= 1, "rate_per_s", "must be at least 1");
  }
}
