package dev.afterbay;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Names a job: a time-ordered UUID (RFC 9562 version 7), so ids of one broker sort by their age.
 */
public record JobId(UUID value) implements Comparable<JobId> {

  /** Length of the text form. */
  private static final int TEXT_LENGTH = 36;

  /**
   * Reads the text form.
   *
   * @throws BrokerException.Rejected if the text is no UUID
   */
  public static JobId parse(String text) {
    try {
      if (text.length() == TEXT_LENGTH) {
        return new JobId(UUID.fromString(text));
      }
    } catch (IllegalArgumentException e) {
      throw new BrokerException.Rejected("id", "not a job id (a UUID is expected): " + text, e);
    }
    throw new BrokerException.Rejected("id", "not a job id (a UUID is expected): " + text);
  }

  /** When the id was made, in milliseconds since 1970, as version 7 keeps it. */
  public long madeAtMillis() {
    return value.getMostSignificantBits() >>> 16;
  }

  // Written out: what the compiler makes of a record goes by method handles, and each change of a
  // job compares ids.
  @Override
  public boolean equals(@Nullable Object that) {
    return that instanceof JobId(UUID other) && value.equals(other);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public int compareTo(JobId that) {
    int high =
        Long.compareUnsigned(value.getMostSignificantBits(), that.value.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(
            value.getLeastSignificantBits(), that.value.getLeastSignificantBits());
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
