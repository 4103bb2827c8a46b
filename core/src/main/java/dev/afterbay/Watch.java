package dev.afterbay;

import java.time.Duration;
import java.util.List;

/** A bounded feed of what happens; an SSE connection is a loop around {@link #next}. */
public interface Watch extends AutoCloseable {

  /**
   * What has happened since the last call, at most {@code max}; waits for the first. Empty when the
   * wait is over.
   *
   * @throws Reset if events were missed: list again, and watch from now on
   */
  List<Event> next(int max, Duration wait) throws InterruptedException;

  /** Where a later watch can go on, also when nothing has happened yet. */
  String position();

  @Override
  void close();

  /** The watch cannot go on where it was: too slow, too old, or from before a restart. */
  final class Reset extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With what was missed. */
    public Reset(String message) {
      super(message);
    }
  }
}
