package dev.afterbay.http.sns;

import java.time.Duration;

/**
 * The limits of the webhook, the same for all topics.
 *
 * @param maxAge how old a genuine message may be; must not be longer than its deduplication key is
 *     kept, so that a captured message is stopped by the one or by the other (sns.md 3.2)
 * @param futureTolerance how far a genuine message may be ahead of our clock (sns.md 3.3)
 * @param bodyBytesMax the longest body in bytes; a longer one is answered with 413 (sns.md 1)
 * @param unknownTopicStatus the answer to a topic that is not allowed: 403 is final, after 503 SNS
 *     sends again, so that a forgotten entry can still be added (sns.md 3)
 */
public record SnsSettings(
    Duration maxAge, Duration futureTolerance, int bodyBytesMax, int unknownTopicStatus) {

  /** The longest {@code maxAge} in days: for so long the store must remember each message. */
  public static final int MAX_AGE_DAYS_MAX = 3_650;

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public SnsSettings {
    require(
        maxAge.isPositive() && maxAge.compareTo(Duration.ofDays(MAX_AGE_DAYS_MAX)) <= 0,
        "max_age is " + maxAge + ", give more than zero and at most " + MAX_AGE_DAYS_MAX + " days");
    require(
        !futureTolerance.isNegative() && futureTolerance.compareTo(Duration.ofDays(1)) <= 0,
        "future_tolerance is " + futureTolerance + ", give 0 to 1 day");
    require(bodyBytesMax > 0, "body_limit is " + bodyBytesMax + " B, give at least 1 B");
    require(
        unknownTopicStatus == 403 || unknownTopicStatus == 503,
        "unknown_topic is " + unknownTopicStatus + ", give 403 or 503");
  }

  /** One day, five minutes, 2 MiB, 403: the defaults of the configuration file. */
  public static SnsSettings defaults() {
    return new SnsSettings(Duration.ofDays(1), Duration.ofMinutes(5), 2 << 20, 403);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
