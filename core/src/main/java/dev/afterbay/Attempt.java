package dev.afterbay;

import java.time.Instant;

/**
 * One attempt that ended, kept in the history of its job.
 *
 * @param consumer who had the lease
 * @param outcome a lapsed lease counts as a {@link Outcome.Retry}
 */
public record Attempt(String consumer, Instant startedAt, Instant endedAt, Outcome outcome) {}
