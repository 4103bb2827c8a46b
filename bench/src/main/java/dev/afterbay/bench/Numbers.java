package dev.afterbay.bench;

import java.util.Arrays;

/** The same thing measured several times. */
record Numbers(double... samples) {

  private static final double NANOS_PER_SECOND = 1e9;

  static double seconds(long nanos) {
    return nanos / NANOS_PER_SECOND;
  }

  double median() {
    double[] sorted = sorted();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  double min() {
    return sorted()[0];
  }

  double max() {
    return sorted()[samples.length - 1];
  }

  /**
   * The value that the given share of the samples does not exceed.
   *
   * @param share 0 to 1
   */
  double percentile(double share) {
    int rank = (int) Math.ceil(share * samples.length);
    return sorted()[Math.max(0, rank - 1)];
  }

  @Override
  public String toString() {
    return Arrays.toString(samples);
  }

  private double[] sorted() {
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    return sorted;
  }
}
