package dev.afterbay;

import java.time.Instant;

/**
 * One attempt that ended, kept in the history of its job.
 *
 * @param holder who had the lease
 * @param outcome a lapsed lease counts as a {@link Outcome.Retry}
 */
public record Attempt(String holder, Instant startedAt, Instant endedAt, Outcome outcome) {}
