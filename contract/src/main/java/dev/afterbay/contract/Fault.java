package dev.afterbay.contract;

import java.time.Duration;

/**
 * What a {@link FaultyProxy} does to a connection, once.
 *
 * @param way in which direction bytes are counted
 * @param after how many bytes are still passed on; 0: not one
 */
public record Fault(Way way, long after, Kind kind) {

  /** A direction through the proxy. */
  public enum Way {
    TO_SERVER,
    TO_CLIENT
  }

  /** How it goes wrong. */
  public sealed interface Kind {
    /** Both ends see a reset. */
    record Reset() implements Kind {}

    /** Both ends see an orderly end of the stream. */
    record End() implements Kind {}

    /**
     * Nothing more is passed on in this direction, and the connection stays open.
     *
     * @param howLong or until {@link FaultyProxy#resume()}, whichever comes first
     */
    record Stall(Duration howLong) implements Kind {}
  }

  private static final Duration FOR_EVER = Duration.ofDays(1);

  public Fault {
    if (after < 0) {
      throw new IllegalArgumentException("after must be at least 0: " + after);
    }
  }

  public static Fault reset(Way way, long after) {
    return new Fault(way, after, new Kind.Reset());
  }

  public static Fault end(Way way, long after) {
    return new Fault(way, after, new Kind.End());
  }

  /** Until {@link FaultyProxy#resume()}. */
  public static Fault stall(Way way, long after) {
    return delay(way, after, FOR_EVER);
  }

  public static Fault delay(Way way, long after, Duration howLong) {
    return new Fault(way, after, new Kind.Stall(howLong));
  }
}
