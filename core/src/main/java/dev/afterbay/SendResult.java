package dev.afterbay;

import org.jspecify.annotations.Nullable;

/**
 * Where a message went.
 *
 * @param known its key was seen within the dedup window: {@code id} is the first job's, and nothing
 *     new was stored
 * @param job what was stored, as it was then, but for its {@link Job#seq}; null where it is known,
 *     or the broker is elsewhere. Whoever keeps a result keeps the body with it
 */
public record SendResult(JobId id, boolean known, @Nullable Job job) {

  /** Of a broker that does not show what it stored. */
  public SendResult(JobId id, boolean known) {
    this(id, known, null);
  }

  /** Without the job, whose keys and attributes are for no log. */
  @Override
  public String toString() {
    return "SendResult[id=" + id + ", known=" + known + "]";
  }
}
