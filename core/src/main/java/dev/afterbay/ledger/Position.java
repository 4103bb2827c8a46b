package dev.afterbay.ledger;

import dev.afterbay.rules.ClaimRules;

/** The place of a job among those that can be claimed: rank, then sequence. */
record Position(long rank, long seq) implements Comparable<Position> {

  @Override
  public int compareTo(Position that) {
    return ClaimRules.compare(rank, seq, that.rank, that.seq);
  }
}
