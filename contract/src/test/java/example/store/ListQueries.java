package example.store;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.rules.AnswerRules;
import dev.afterbay.rules.ClaimRules;
import dev.afterbay.rules.SessionRules;
import dev.afterbay.rules.SessionRules.Turn;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a {@link ListStore} is asked: a walk over the list, and an answer of some bytes. */
final class ListQueries {

  private final ListDisk disk;

  ListQueries(ListDisk disk) {
    this.disk = disk;
  }

  List<Job> find(List<JobId> ids, long bytesMax) {
    Stream<Job> found = ids.stream().map(disk::job).filter(Objects::nonNull);
    return some(found, Integer.MAX_VALUE, bytesMax);
  }

  Jobs.JobPage list(Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    JobId before = cursor == null ? null : JobId.parse(cursor);
    List<Job> meant =
        disk.jobs.values().stream()
            .filter(job -> before == null || job.id().compareTo(before) < 0)
            .filter(job -> AnswerRules.matches(query, job))
            .sorted(Comparator.comparing(Job::id).reversed())
            .map(job -> query.bodies() ? job : withoutBody(job))
            .toList();
    List<Job> page = some(meant.stream(), max, bytesMax);
    boolean more = page.size() < meant.size();
    return new Jobs.JobPage(page, more ? page.getLast().id().toString() : null);
  }

  private static Job withoutBody(Job job) {
    Message all = job.message();
    return job.with(
        new Message(all.type(), all.contentType(), new byte[0], all.attributes(), all.options()));
  }

  Jobs.JobPage ended(
      String queue, Status.Kind kind, boolean newestFirst, @Nullable String cursor, int max) {
    if (cursor != null && !cursor.matches("[0-9]{20}/[0-9a-f-]{36}")) {
      throw new BrokerException.Rejected("cursor", "not a cursor of this store: " + cursor);
    }
    Comparator<String> order = newestFirst ? Comparator.reverseOrder() : Comparator.naturalOrder();
    List<Job> page =
        disk.jobs(queue).stream()
            .filter(job -> job.status().kind() == kind)
            .filter(job -> cursor == null || order.compare(place(job), cursor) > 0)
            .sorted(Comparator.comparing(ListQueries::place, order))
            .limit(max)
            .map(Job::bare)
            .toList();
    return new Jobs.JobPage(page, page.size() == max ? place(page.getLast()) : null);
  }

  /** Of a job among those that ended: a text that sorts as their times do. */
  private static String place(Job job) {
    return String.format(Locale.ROOT, "%020d/%s", TimeRules.endedAt(job).toEpochMilli(), job.id());
  }

  List<Job> peek(String queue, int max, long bytesMax, Moment now) {
    List<Job> left = new ArrayList<>(disk.jobs(queue));
    left.removeIf(
        job -> job.status() instanceof Status.Processing || job.status().kind().isFinal());
    List<Job> order = new ArrayList<>();
    for (Job next = first(left); next != null; next = first(left)) {
      left.remove(next);
      order.add(next);
    }
    left.removeIf(job -> job.line() == null || !(job.status() instanceof Status.Pending));
    order.addAll(left);
    return some(order.stream().filter(job -> !job.isExpired(now)), max, bytesMax);
  }

  /** The first that is due among those that are the first of their sessions. */
  private @Nullable Job first(List<Job> left) {
    Set<String> lines = new HashSet<>();
    return left.stream()
        .filter(job -> job.line() == null || lines.add(job.line()))
        .filter(disk::isDue)
        .min(ClaimRules::compare)
        .orElse(null);
  }

  /** What may be handed out to anybody, or to those who hold sessions. */
  Stream<Job> offered(String queue, Turn turn, Moment now) {
    if (disk.isIn(QueueState.Kind.PAUSED, queue)) {
      return Stream.of();
    }
    Map<String, JobId> first = new HashMap<>();
    Set<String> workedOn = new HashSet<>();
    List<Job> jobs = disk.jobs(queue);
    for (Job job : jobs) {
      String line = job.line();
      if (line != null && SessionRules.isInLine(job)) {
        first.putIfAbsent(line, job.id());
        workedOn.addAll(job.status() instanceof Status.Processing ? Set.of(line) : Set.of());
      }
    }
    return jobs.stream()
        .filter(job -> disk.isDue(job) && !job.isExpired(now))
        .filter(job -> {
          String line = job.line();
          return line == null
              ? turn == Turn.ANYBODY
              : job.id().equals(first.get(line))
                  && SessionRules.turn(
                          true, disk.session(queue, line) != null, workedOn.contains(line))
                      == turn;
        });
  }

  List<Job> overdue(Overdue overdue, int max, Moment now) {
    return disk.jobs.values().stream()
        .filter(job -> TimeRules.isOverdue(overdue, job, now, disk.epoch))
        .limit(max)
        .toList();
  }

  List<String> queues(@Nullable String after, int max) {
    List<Setting> set = settings(Setting.QUEUE, null, Integer.MAX_VALUE);
    return Stream.concat(
            set.stream().map(Setting::name), disk.jobs.values().stream().map(Job::queue))
        .filter(name -> after == null || name.compareTo(after) > 0)
        .distinct()
        .sorted()
        .limit(max)
        .toList();
  }

  QueueStats stats(String queue, Moment now) {
    List<Job> due = disk.jobs(queue).stream().filter(disk::isDue).toList();
    long oldest = due.stream().mapToLong(job -> TimeRules.millisDue(job, now)).max().orElse(0);
    return new QueueStats(
        due.size(),
        disk.count(queue, Status.Kind.PENDING) - due.size(),
        disk.count(queue, Status.Kind.WAITING),
        disk.count(queue, Status.Kind.PROCESSING),
        disk.count(queue, Status.Kind.DONE),
        disk.count(queue, Status.Kind.FAILED),
        disk.count(queue, Status.Kind.CANCELLED),
        Duration.ofMillis(oldest));
  }

  List<Setting> settings(String kind, @Nullable String after, int max) {
    return disk.settings.values().stream()
        .filter(setting -> setting.kind().equals(kind))
        .filter(setting -> after == null || setting.name().compareTo(after) > 0)
        .limit(max)
        .toList();
  }

  private static List<Job> some(Stream<Job> jobs, int max, long bytesMax) {
    long most = bytesMax == Store.NO_BODIES ? Long.MAX_VALUE : bytesMax;
    List<Job> some = new ArrayList<>();
    long bytes = 0;
    for (Job job : jobs.toList()) {
      if (some.size() == max || !AnswerRules.hasRoom(some.size(), bytes, job.bytes(), most)) {
        break;
      }
      some.add(job);
      bytes += job.bytes();
    }
    return some;
  }
}
