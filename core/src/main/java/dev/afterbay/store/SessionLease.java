package dev.afterbay.store;

/**
 * A session that somebody holds.
 *
 * @param fence tells this hold from every other, as that of a lease does
 */
public record SessionLease(String session, String consumer, long fence, long untilTick) {}
