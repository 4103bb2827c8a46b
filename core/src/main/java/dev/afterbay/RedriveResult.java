package dev.afterbay;

/**
 * What a redrive came to.
 *
 * @param matched how many jobs are, or will be, or with a dry run would be redriven
 * @param id names it in the log
 */
public record RedriveResult(long matched, String id) {}
