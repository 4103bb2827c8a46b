package dev.afterbay.ledger;

/** The place of a job among those that can be claimed: rank, then sequence. */
record Position(long rank, long seq) implements Comparable<Position> {

  @Override
  public int compareTo(Position that) {
    int byRank = Long.compare(rank, that.rank);
    return byRank != 0 ? byRank : Long.compare(seq, that.seq);
  }
}
