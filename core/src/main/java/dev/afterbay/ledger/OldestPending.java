package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.rules.TimeRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How long the oldest job of a queue that is due has been due, as far as it is near a head: within
 * a lane jobs stand in the order of rank and acceptance, so the oldest of the highest priority is
 * the first.
 */
final class OldestPending {

  /** How far it looks into each lane, and into how many sessions. */
  private static final int LOOK_MAX = 64;

  /** How many lanes it looks into, those with the first heads. */
  private static final int LANES_MAX = 100;

  /** The first of a session may be one that waits for a time, and the one behind it is due. */
  private static final int MEMBERS_MAX = 2;

  /** Jobs that it reads: those behind the heads of their sessions are not in memory. */
  private static final int READ_MAX = 8;

  private final Tables tables;

  OldestPending(Tables tables) {
    this.tables = tables;
  }

  Duration age(QueueEntry queue, Moment now) {
    return Duration.ofMillis(inSessions(queue, now, inLanes(queue, now)));
  }

  private static long inLanes(QueueEntry queue, Moment now) {
    long oldest = 0;
    Lane lane = queue.heads.next(_ -> true, null);
    for (int lanes = LANES_MAX; lanes > 0 && lane != null; lanes--) {
      int left = LOOK_MAX;
      for (CachedJob entry : lane.window.values()) {
        oldest = Math.max(oldest, TimeRules.millisDue(entry.job, now));
        if (--left == 0) {
          break;
        }
      }
      lane = queue.heads.next(_ -> true, lane.head);
    }
    return oldest;
  }

  /** A job can have been due for no longer than it exists, so few of them must be read. */
  private long inSessions(QueueEntry queue, Moment now, long inLanes) {
    List<JobId> waiting = waiting(queue);
    waiting.sort(Comparator.comparingLong(JobId::madeAtMillis));
    long oldest = inLanes;
    int left = READ_MAX;
    for (JobId id : waiting) {
      if (now.wall().toEpochMilli() - id.madeAtMillis() <= oldest || left-- == 0) {
        break;
      }
      Job job = JobRecords.job(tables, id, false);
      oldest = job == null ? oldest : Math.max(oldest, TimeRules.millisDue(job, now));
    }
    return oldest;
  }

  private static List<JobId> waiting(QueueEntry queue) {
    List<JobId> waiting = new ArrayList<>();
    int left = LOOK_MAX;
    for (SessionQueue line : queue.sessionQueues.values()) {
      int members = MEMBERS_MAX;
      for (JobId id : line.members.values()) {
        if (!id.equals(line.processing)) {
          waiting.add(id);
          members--;
        }
        if (members == 0) {
          break;
        }
      }
      if (--left == 0) {
        break;
      }
    }
    return waiting;
  }
}
