package dev.afterbay.store;

/** The place of a job among those that can be claimed: rank, then sequence. */
record Head(long rank, long seq) implements Comparable<Head> {

  @Override
  public int compareTo(Head that) {
    int byRank = Long.compare(rank, that.rank);
    return byRank != 0 ? byRank : Long.compare(seq, that.seq);
  }
}
