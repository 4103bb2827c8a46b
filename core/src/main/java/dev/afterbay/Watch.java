package dev.afterbay;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A bounded feed of what happens; an SSE connection is a loop around {@link #next}. */
public interface Watch extends AutoCloseable {

  /**
   * What has happened since the last call, at most {@code max}; waits for the first. Empty when the
   * wait is over.
   *
   * @throws Reset if events were missed: list again, and watch from now on
   */
  List<Event> next(int max, Duration wait) throws InterruptedException;

  /** Where a later watch can go on, also when nothing that is wanted has happened yet. */
  String position();

  @Override
  void close();

  /**
   * Which events are wanted: {@link #ALL}, or less of it, such as {@code
   * Filter.ALL.queue("orders").types(Event.Type.FAILED)}.
   *
   * @param queue only of this queue; null: of all
   * @param job only of this job; null: of all, and what is of none
   * @param types only of these types; null, or none: of all
   */
  record Filter(@Nullable String queue, @Nullable JobId job, @Nullable Set<Event.Type> types) {

    /** All events. */
    public static final Filter ALL = new Filter(null, null, null);

    public Filter {
      types = types == null || types.isEmpty() ? null : Set.copyOf(types);
    }

    /** Only of this queue; null: of all. */
    public Filter queue(@Nullable String queue) {
      return new Filter(queue, job, types);
    }

    /** Only of this job; null: of all, and what is of none. */
    public Filter job(@Nullable JobId job) {
      return new Filter(queue, job, types);
    }

    /** Only of these types; none given: of all. */
    public Filter types(Event.Type... types) {
      return new Filter(queue, job, Set.copyOf(Arrays.asList(types)));
    }

    /** Whether it is one of them. */
    public boolean takes(Event event) {
      return (queue == null || queue.equals(event.queue()))
          && (job == null || job.equals(event.job()))
          && (types == null || types.contains(event.type()));
    }
  }

  /** The watch cannot go on where it was: too slow, too old, or from before a restart. */
  final class Reset extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With what was missed. */
    public Reset(String message) {
      super(message);
    }
  }
}
