package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.JobId;
import dev.afterbay.store.SessionLease;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is kept in memory of sessions, and what it costs. */
class SessionQueuesTest {

  private static final int LINES_MAX = 10;
  private static final int HELD = 5_000;

  private final Tables tables = new MemoryTables();
  private final QueueEntry book = new QueueEntry("q");
  private final JobCache cache = new JobCache(tables, _ -> book, new JobId(new UUID(0, 0)));
  private final ReadyIndex ready = new ReadyIndex(tables, cache, 10);
  private final SessionQueues sessionQueues =
      new SessionQueues(tables, cache, ready, new Timers(tables, 16), LINES_MAX);

  @Test
  void idleSessionsBeyondTheLimitLeaveMemory() {
    for (int i = 0; i < 3 * LINES_MAX; i++) {
      sessionQueues.of(book, "s" + i);
    }
    sessionQueues.written(_ -> {});
    assertThat(book.sessionQueues).hasSize(LINES_MAX);
    assertThat(book.sessionQueues).containsKey("s" + (3 * LINES_MAX - 1));
  }

  @Test
  void aGroupDoesNotLookAtAllSessionsThatAreHeld() {
    for (int i = 0; i < HELD; i++) {
      String session = "s" + i;
      sessionQueues.hold(
          sessionQueues.of(book, session), new SessionLease(session, "consumer", i, 1_000));
    }
    sessionQueues.written(_ -> {});
    sessionQueues.of(book, "idle");
    assertThat(sessionQueues.written(_ -> {})).isLessThan(HELD / 10);
  }

  @Test
  void anIdleSessionAmongHeldOnesLeavesMemoryInTheEnd() {
    sessionQueues.of(book, "idle");
    for (int i = 0; i < HELD; i++) {
      String session = "s" + i;
      sessionQueues.hold(
          sessionQueues.of(book, session), new SessionLease(session, "consumer", i, 1_000));
    }
    for (int i = 0; i < HELD; i++) {
      sessionQueues.written(_ -> {});
    }
    assertThat(book.sessionQueues).hasSize(HELD).doesNotContainKey("idle");
  }
}
