package dev.afterbay.ledger;

import dev.afterbay.JobId;
import java.util.HashSet;
import java.util.Set;

/**
 * Which ids may be those of stored jobs: all up to a bound, and above it those that were seen.
 *
 * <p>Ids are ordered by time, so a new one is above the bound, and the tables need not be asked.
 * Senders that work side by side bring theirs a little out of order, so the bound is a thousand ids
 * or two behind the highest.
 */
final class KnownIds {

  private static final int GENERATION_MAX = 1_024;

  private JobId highest;

  /** Older ids are forgotten: what is not above it may have been seen. */
  private JobId bound;

  /** What the bound becomes when the older generation is forgotten. */
  private JobId nextBound;

  private Set<JobId> older = Set.of();
  private Set<JobId> newer = HashSet.newHashSet(GENERATION_MAX);

  /**
   * @param highest of those that were stored before
   */
  KnownIds(JobId highest) {
    this.highest = highest;
    this.bound = highest;
    this.nextBound = highest;
  }

  JobId highest() {
    return highest;
  }

  boolean mayHave(JobId id) {
    return id.compareTo(highest) <= 0
        && (id.compareTo(bound) <= 0 || newer.contains(id) || older.contains(id));
  }

  void add(JobId id) {
    if (id.compareTo(highest) > 0) {
      highest = id;
    }
    newer.add(id);
    if (newer.size() == GENERATION_MAX) {
      bound = nextBound;
      nextBound = highest;
      older = newer;
      newer = HashSet.newHashSet(GENERATION_MAX);
    }
  }
}
