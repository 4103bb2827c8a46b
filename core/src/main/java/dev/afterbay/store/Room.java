package dev.afterbay.store;

import dev.afterbay.Job;
import dev.afterbay.Moment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether queues take what is sent to them, and have room for it.
 *
 * <p>Looks at the counts, so it costs the same however many jobs there are; and only where a commit
 * might fill its queue does it ask which of the messages are known by their keys.
 *
 * <p>Rejected: to look before the commit, as the engine did. Senders at the same time saw the same
 * room, and each look was a trip to the store.
 */
final class Room {

  /** A key that a message of the same commit takes. */
  private record Taken(String queue, String key) {}

  private final Books books;
  private final Uniques uniques;

  Room(Books books, Uniques uniques) {
    this.books = books;
    this.uniques = uniques;
  }

  /**
   * The first append of a commit that its queue does not take as it is set now; null: none. It may
   * be draining, or its order may be another one than that by which the job was made.
   */
  Committed.@Nullable Stale refused(List<Change> changes, Moment now) {
    Book book = null;
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i) instanceof Change.Append append && isSent(append.job())) {
        Job job = append.job();
        if (book == null || !book.name.equals(job.queue())) {
          book = books.known(job.queue());
        }
        if (book != null && !book.takes(job) && !isKnown(append, now)) {
          return new Committed.Stale(i, null, null);
        }
      }
    }
    return null;
  }

  /** The first append of a commit that there is no room for; null: there is room for all. */
  Committed.@Nullable Full lacking(List<Change> changes, Moment now) {
    if (!books.areLimited()) {
      return null;
    }
    Map<Book, Integer> wanted = new HashMap<>();
    Set<Taken> taken = new HashSet<>();
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i) instanceof Change.Append append && isSent(append.job())) {
        Book book = books.known(append.job().queue());
        Long max = book == null ? null : book.depthMax();
        if (book != null
            && max != null
            && book.depth() + changes.size() > max
            && !isKnown(append, taken, now)
            && book.depth() + wanted.merge(book, 1, Integer::sum) > max) {
          return new Committed.Full(i, book.name, max);
        }
      }
    }
    return null;
  }

  private boolean isKnown(Change.Append append, Moment now) {
    return append.unique() != null && uniques.find(append, now) != null;
  }

  private static boolean isSent(Job job) {
    return job.state().version() == 0;
  }

  /** Its key is taken, by a job that is stored or by another of the same commit. */
  private boolean isKnown(Change.Append append, Set<Taken> taken, Moment now) {
    Change.Unique unique = append.unique();
    if (unique == null) {
      return false;
    }
    boolean isTaken = uniques.find(append, now) != null;
    boolean lasts = unique.until().toEpochMilli() > now.wall().toEpochMilli();
    Taken key = new Taken(append.job().queue(), unique.key());
    return isTaken || taken.contains(key) || (lasts && !taken.add(key));
  }
}
