package dev.afterbay.bench;

/**
 * What a number should be (issue 2, Numbers).
 *
 * @param value means nothing where there is no bound
 */
record Goal(Bound bound, double value) {

  /** The side of a number that is good. */
  enum Bound {
    AT_LEAST,
    AT_MOST,
    /** A number to know, about which nothing was promised. */
    NONE
  }

  static final Goal NONE = new Goal(Bound.NONE, 0);

  static Goal atLeast(double value) {
    return new Goal(Bound.AT_LEAST, value);
  }

  static Goal atMost(double value) {
    return new Goal(Bound.AT_MOST, value);
  }

  boolean isMetBy(double measured) {
    return switch (bound) {
      case AT_LEAST -> measured >= value;
      case AT_MOST -> measured <= value;
      case NONE -> true;
    };
  }
}
