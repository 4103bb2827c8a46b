package dev.afterbay;

/**
 * Where a message went.
 *
 * @param known its key was seen within the dedup window: {@code id} is the first job's, and nothing
 *     new was stored
 */
public record SendResult(JobId id, boolean known) {}
