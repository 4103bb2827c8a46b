package dev.afterbay.http;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Previews of the bodies that were looked at last: a body of a megabyte is read once, not again.
 */
final class BodyPreviews {

  /** A page has 35, so some pages. Each has 1 KiB or so. */
  private static final int KEPT_MAX = 1_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Shown, BodyPreview> kept = new LinkedHashMap<>(16, 0.75f, true);

  /** Once a job is deleted, another one may have its id, but not its place. */
  private record Shown(JobId id, long seq) {}

  /** Null: it is not known. */
  @Nullable BodyPreview find(Job job) {
    lock.lock();
    try {
      return kept.get(new Shown(job.id(), job.seq()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * @param job with its body
   */
  BodyPreview of(Job job) {
    BodyPreview known = find(job);
    if (known != null) {
      return known;
    }
    BodyPreview made = BodyPreview.of(job.message());
    lock.lock();
    try {
      kept.put(new Shown(job.id(), job.seq()), made);
      if (kept.size() > KEPT_MAX) {
        kept.pollFirstEntry();
      }
      return made;
    } finally {
      lock.unlock();
    }
  }
}
