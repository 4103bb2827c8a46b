package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Writes the recorded commits of one store to another, which then has the same jobs. */
final class Replay {

  private static final Jobs.JobQuery WITH_BODIES = Jobs.JobQuery.ALL.bodies(true);

  private Replay() {}

  static void check(SimulatedStore recorded) {
    TestClock clock = new TestClock();
    try (MemoryStore replica = MemoryStore.open(clock)) {
      for (SimulatedStore.Logged logged : recorded.log()) {
        clock.advance(Duration.ofMillis(logged.tick() - clock.now().tick()));
        clock.setWall(logged.wall());
        assertThat(replica.commit(logged.commit()))
            .as("%s", logged)
            .isInstanceOf(Committed.Done.class);
      }
      assertThat(jobs(replica)).isEqualTo(jobs(recorded));
    }
  }

  private static List<Job> jobs(Store store) {
    List<Job> all = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobPage page = store.list(WITH_BODIES, cursor, Jobs.PAGE_MAX);
      all.addAll(page.jobs());
      cursor = page.next();
    } while (cursor != null);
    return all;
  }
}
