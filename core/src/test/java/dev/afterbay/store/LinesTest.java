package dev.afterbay.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.JobId;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is kept in memory of sessions, and what it costs. */
class LinesTest {

  private static final int LINES_MAX = 10;
  private static final int HELD = 5_000;

  private final Tables tables = new MemoryTables();
  private final Book book = new Book("q");
  private final Shelf shelf = new Shelf(tables, _ -> book, new JobId(new UUID(0, 0)));
  private final Lanes lanes = new Lanes(tables, shelf, 10);
  private final Lines lines = new Lines(tables, shelf, lanes, new Timers(tables, 16), LINES_MAX);

  @Test
  void idleSessionsBeyondTheLimitLeaveMemory() {
    for (int i = 0; i < 3 * LINES_MAX; i++) {
      lines.of(book, "s" + i);
    }
    lines.written();
    assertThat(book.lines).hasSize(LINES_MAX);
    assertThat(book.lines).containsKey("s" + (3 * LINES_MAX - 1));
  }

  @Test
  void aGroupDoesNotLookAtAllSessionsThatAreHeld() {
    for (int i = 0; i < HELD; i++) {
      String session = "s" + i;
      lines.hold(lines.of(book, session), new Held(session, "holder", i, 1_000));
    }
    lines.written();
    lines.of(book, "idle");
    assertThat(lines.written()).isLessThan(HELD / 10);
  }

  @Test
  void anIdleSessionAmongHeldOnesLeavesMemoryInTheEnd() {
    lines.of(book, "idle");
    for (int i = 0; i < HELD; i++) {
      String session = "s" + i;
      lines.hold(lines.of(book, session), new Held(session, "holder", i, 1_000));
    }
    for (int i = 0; i < HELD; i++) {
      lines.written();
    }
    assertThat(book.lines).hasSize(HELD).doesNotContainKey("idle");
  }
}
