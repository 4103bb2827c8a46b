package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.rules.TimeRules;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * How long the oldest job of a queue that is due has been due, as far as it is near a head: within
 * a lane jobs stand in the order of rank and acceptance, so the oldest of the highest priority is
 * the first.
 */
final class OldestPending {

  /** How far it looks into lanes, together, and into how many sessions. */
  private static final int LOOK_MAX = 1_000;

  /** But into each of many lanes so far. */
  private static final int LANE_MIN = 64;

  /** How many lanes it looks into, those with the first heads. */
  private static final int LANES_MAX = 100;

  /** The first of a session may be one that waits for a time, and the one behind it is due. */
  private static final int MEMBERS_MAX = 2;

  /** Jobs that it reads: those behind the heads of their sessions are not in memory. */
  private static final int READ_MAX = 8;

  private OldestPending() {}

  static Duration age(TableView tables, QueueEntry queue, Moment now) {
    return Duration.ofMillis(inSessions(tables, queue, now, inLanes(queue, now)));
  }

  private static long inLanes(QueueEntry queue, Moment now) {
    List<Lane> lanes = queue.heads.lanes().stream().limit(LANES_MAX).toList();
    int each = Math.max(LANE_MIN, LOOK_MAX / Math.max(1, lanes.size()));
    return lanes.stream()
        .flatMap(lane -> lane.window.values().stream().limit(each))
        .mapToLong(entry -> TimeRules.millisDue(entry.job, now))
        .max()
        .orElse(0);
  }

  /** A job can have been due for no longer than it exists, so few of them must be read. */
  private static long inSessions(TableView tables, QueueEntry queue, Moment now, long inLanes) {
    List<JobId> oldestFirst =
        queue.sessionQueues.values().stream()
            .limit(LOOK_MAX)
            .flatMap(OldestPending::waiting)
            .sorted(Comparator.comparingLong(JobId::madeAtMillis))
            .toList();
    long oldest = inLanes;
    int left = READ_MAX;
    for (JobId id : oldestFirst) {
      if (now.wall().toEpochMilli() - id.madeAtMillis() <= oldest || left-- == 0) {
        break;
      }
      Job job = JobRecords.job(tables, id, false);
      oldest = job == null ? oldest : Math.max(oldest, TimeRules.millisDue(job, now));
    }
    return oldest;
  }

  private static Stream<JobId> waiting(SessionQueue line) {
    return line.members.values().stream()
        .filter(id -> !id.equals(line.processing))
        .limit(MEMBERS_MAX);
  }
}
