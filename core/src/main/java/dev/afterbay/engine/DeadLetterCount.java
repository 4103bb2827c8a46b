package dev.afterbay.engine;

import dev.afterbay.DeadLetters;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts dead letters, the newest first, in bounded memory. */
final class DeadLetterCount {

  private static final int HOURS = 24;
  private static final int SAMPLES_MAX = 5;
  private static final int TYPES_MAX = 20;

  /** Fingerprints that are counted at a time; see {@link #prune}. */
  static final int FINGERPRINTS_MAX = 2_000;

  private final Instant firstHour;
  private final long[] hours = new long[HOURS];
  private final Map<Status.Reason, Long> byReason = new EnumMap<>(Status.Reason.class);
  private final Map<String, Counted> groups = new HashMap<>();
  private long lookedAt;

  DeadLetterCount(Instant now) {
    firstHour = now.truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(HOURS - 1L));
  }

  private static final class Counted {
    private final Instant last;
    private final List<JobId> samples = new ArrayList<>(SAMPLES_MAX);
    private final Map<String, Long> byType = new HashMap<>();
    private Instant first;
    private long count;

    Counted(Instant at) {
      first = at;
      last = at;
    }

    void add(Job job, Instant at) {
      count++;
      first = at;
      if (samples.size() < SAMPLES_MAX) {
        samples.add(job.id());
      }
      String type = job.message().type();
      if (byType.size() < TYPES_MAX || byType.containsKey(type)) {
        byType.merge(type, 1L, Long::sum);
      }
    }

    DeadLetters.Group group(String fingerprint) {
      return new DeadLetters.Group(fingerprint, count, first, last, samples, byType);
    }
  }

  long lookedAt() {
    return lookedAt;
  }

  void add(Job job) {
    if (!(job.status() instanceof Status.Failed(Instant at, Status.Reason reason, String error))) {
      return;
    }
    lookedAt++;
    byReason.merge(reason, 1L, Long::sum);
    long hour = Duration.between(firstHour, at).toHours();
    if (!at.isBefore(firstHour) && hour < HOURS) {
      hours[(int) hour]++;
    }
    String fingerprint = ErrorFingerprint.of(error);
    if (groups.size() == FINGERPRINTS_MAX && !groups.containsKey(fingerprint)) {
      prune();
    }
    groups.computeIfAbsent(fingerprint, _ -> new Counted(at)).add(job, at);
  }

  /**
   * Forgets half of the fingerprints, those with the fewest: what many have in common is counted
   * even if thousands have nothing in common.
   */
  private void prune() {
    List<Map.Entry<String, Counted>> all = new ArrayList<>(groups.entrySet());
    all.sort(Comparator.comparingLong(entry -> entry.getValue().count));
    all.subList(0, FINGERPRINTS_MAX / 2).forEach(entry -> groups.remove(entry.getKey()));
  }

  /** What was counted, of so many. */
  DeadLetters.Stats stats(long total, @Nullable Instant oldest, @Nullable Instant newest) {
    List<DeadLetters.Group> shown =
        groups.entrySet().stream()
            .filter(entry -> entry.getValue().count >= DeadLetters.GROUP_MIN)
            .map(entry -> entry.getValue().group(entry.getKey()))
            .sorted(
                Comparator.comparingLong(DeadLetters.Group::count)
                    .reversed()
                    .thenComparing(DeadLetters.Group::fingerprint))
            .limit(DeadLetters.GROUPS_MAX)
            .toList();
    long grouped = shown.stream().mapToLong(DeadLetters.Group::count).sum();
    return new DeadLetters.Stats(
        Math.max(total, lookedAt),
        lookedAt,
        oldest,
        newest,
        shown,
        lookedAt - grouped,
        byReason,
        byHour());
  }

  private List<DeadLetters.Hour> byHour() {
    List<DeadLetters.Hour> all = new ArrayList<>(HOURS);
    for (int i = 0; i < HOURS; i++) {
      all.add(new DeadLetters.Hour(firstHour.plus(Duration.ofHours(i)), hours[i]));
    }
    return all;
  }
}
