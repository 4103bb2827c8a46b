package dev.afterbay;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that come by themselves: at times of the calendar, or at an interval.
 *
 * <pre>{@code
 * Schedules schedules = broker.schedules().orElseThrow();
 * schedules.put(
 *     "nightly",
 *     Schedules.Definition.cron("30 2 * * *", "reports", Message.of("report", "yesterday"))
 *         .zone(ZoneId.of("Europe/Berlin")));
 * }</pre>
 *
 * <p>A schedule is durable. A firing is one commit, which moves the schedule on and appends an
 * ordinary job, so that each due time brings one job, whichever process does it and whenever one
 * dies. The job's {@code notBefore} is that due time, and its key is made of the schedule's name
 * and that time.
 *
 * <p>A schedule whose job cannot be sent, as while its queue is full or draining, is tried again
 * with a pause, and tells why in {@link Schedule#lastError}; others go on meanwhile.
 */
public interface Schedules {

  /** Most schedules of a broker; its engine knows the next time of each in memory. */
  int SCHEDULES_MAX = 10_000;

  /** Most schedules of one page. */
  int PAGE_MAX = 500;

  /** What the key of each job begins with that a schedule sent; its name and a slash follow. */
  String KEY_PREFIX = "schedule/";

  /**
   * The name of the schedule that sent a message, by itself or because somebody ran it now: its key
   * says so, which is as good as the word of those who may send. Null: none did.
   */
  static @Nullable String sentBy(Message message) {
    String key = message.options().key();
    if (key == null || !key.startsWith(KEY_PREFIX)) {
      return null;
    }
    int end = key.indexOf('/', KEY_PREFIX.length());
    return end < 0 ? null : key.substring(KEY_PREFIX.length(), end);
  }

  /** Longest body of a schedule's job, in bytes: it is written again with each firing. */
  int BODY_BYTES_MAX = 64 << 10;

  /** Shortest interval. */
  Duration EVERY_MIN = Duration.ofMillis(100);

  /** Most missed firings that one schedule makes up for, see {@link Missed#ALL}; the latest. */
  int MISSED_MAX = 1_000;

  /** How many coming firings a {@link Schedule} tells. */
  int NEXT_SHOWN = 5;

  /**
   * Makes a schedule, or defines it anew: then its next time is computed anew, while the same
   * definition changes nothing. A paused one stays paused.
   *
   * @param name 1-128 of {@code A-Za-z0-9._-}, not only dots
   * @throws BrokerException.Rejected naming what is wrong with it
   * @throws BrokerException.Conflict if there are {@link #SCHEDULES_MAX} of others
   */
  Put put(String name, Definition definition);

  /** The schedule of that name; empty: there is none. */
  Optional<Schedule> find(String name);

  /**
   * Schedules in the order of their names, of those after the given name the first ones. A page may
   * hold fewer than {@code max} while there are more; one that is empty is the last.
   *
   * @param after null: from the first on
   * @param max 1 to {@link #PAGE_MAX}
   */
  List<Schedule> list(@Nullable String after, int max);

  /** Removes a schedule; false: there is none. Jobs that it fired stay. */
  boolean delete(String name);

  /**
   * From now on it does not fire; what becomes due meanwhile is not missed.
   *
   * @throws BrokerException.ScheduleNotFound if there is none
   */
  Schedule pause(String name);

  /** Fires again, from its next time after now on; errors as {@link #pause}. */
  Schedule resume(String name);

  /**
   * Sends its job now; the schedule itself is not moved. Errors as {@link #pause}, and as those of
   * {@link Queue#send}.
   */
  JobId runNow(String name);

  /**
   * What a put came to.
   *
   * @param created there was none of that name
   */
  record Put(Schedule schedule, boolean created) {}

  /**
   * A schedule as it is now.
   *
   * @param next its next {@value #NEXT_SHOWN} due times; of a paused one those that it had if it
   *     were resumed now; none if they cannot be computed
   * @param lastJob what it fired last; null: nothing yet
   * @param lastError why it could not fire at its last due time, or has no next one; null: neither
   */
  record Schedule(
      String name,
      Definition definition,
      boolean paused,
      List<Instant> next,
      @Nullable JobId lastJob,
      @Nullable String lastError) {
    public Schedule {
      next = List.copyOf(next);
    }
  }

  /** What becomes of firings whose time passed while no process ran. */
  enum Missed {
    /** None of them is made up for. */
    SKIP,
    /** One job, for the latest of them. */
    LAST,
    /** A job for each, up to {@link #MISSED_MAX}. */
    ALL
  }

  /** Whether it fires while its last job has not ended. */
  enum Overlap {
    /** It does. */
    ALLOW,
    /** It does not: that firing is left out. */
    SKIP
  }

  /**
   * When a schedule fires, and what. Made by {@link #cron} or {@link #every}.
   *
   * @param cron five fields (minute, hour, day of month, month, day of week), six with seconds
   *     first, or a word such as {@code @daily}; null: it fires at an interval
   * @param every the interval, whole milliseconds from {@link #EVERY_MIN} to {@link
   *     Message#DURATION_MAX}; null: it has a cron expression
   * @param zone whose local time the cron expression means
   * @param job where it goes, and its message: without key, {@code notBefore} and delay, which the
   *     schedule decides; always {@link Message.Options#tracked}
   */
  record Definition(
      @Nullable String cron,
      @Nullable Duration every,
      ZoneId zone,
      Missed missed,
      Overlap overlap,
      Broker.Addressed job) {

    private static final ZoneId UTC = ZoneId.of("UTC");

    public Definition {
      if (cron == null) {
        Check.that(every != null, "cron", "or every must be given");
        requireInterval(Objects.requireNonNull(every));
      } else {
        Check.that(every == null, "every", "contradicts cron: give one");
        CronRule.parse(cron);
      }
      requireSchedulable(job.message());
      job = new Broker.Addressed(job.queue(), job.message().tracked());
    }

    private static void requireInterval(Duration every) {
      Check.that(
          every.compareTo(EVERY_MIN) >= 0
              && every.compareTo(Message.DURATION_MAX) <= 0
              && every.toNanosPart() % 1_000_000 == 0,
          "every",
          "must be 100ms to 3653d, in whole milliseconds: " + every);
    }

    private static void requireSchedulable(Message message) {
      Message.Options options = message.options();
      Check.that(options.notBefore() == null, "job.run_at", "is what the schedule decides");
      Check.that(options.delay() == null, "job.delay", "contradicts the schedule, which says when");
      Check.that(
          options.key() == null && options.keyWindow() == null,
          "job.key",
          "is made of the schedule's name and the due time");
      int bytes = message.body().length;
      if (bytes > BODY_BYTES_MAX) {
        throw BrokerException.Rejected.tooLarge(
            "job.payload",
            "job.payload is "
                + bytes
                + " B, the limit of a schedule's job is "
                + BODY_BYTES_MAX
                + " B: keep it elsewhere and send where it is");
      }
    }

    /** At times of the calendar, in UTC if no {@link #zone(ZoneId)} is given. */
    public static Definition cron(String cron, String queue, Message message) {
      return new Definition(
          cron, null, UTC, Missed.LAST, Overlap.ALLOW, new Broker.Addressed(queue, message));
    }

    /** At an interval; first when it has passed once. */
    public static Definition every(Duration every, String queue, Message message) {
      return new Definition(
          null, every, UTC, Missed.LAST, Overlap.ALLOW, new Broker.Addressed(queue, message));
    }

    /** In the local time of that zone. */
    public Definition zone(ZoneId zone) {
      return new Definition(cron, every, zone, missed, overlap, job);
    }

    /** With that done about firings that were missed. */
    public Definition missed(Missed missed) {
      return new Definition(cron, every, zone, missed, overlap, job);
    }

    /** With or without firings while the last job has not ended. */
    public Definition overlap(Overlap overlap) {
      return new Definition(cron, every, zone, missed, overlap, job);
    }

    /** The first due time after the given one; of an interval that counts from then. */
    public Instant after(Instant time) {
      return after(time, 1).getFirst();
    }

    /** The next due times after the given one, the earliest first. */
    public List<Instant> after(Instant time, int count) {
      CronRule rule = cron == null ? null : CronRule.parse(cron);
      List<Instant> times = new ArrayList<>(count);
      Instant last = time;
      for (int i = 0; i < count; i++) {
        last = rule == null ? last.plus(Objects.requireNonNull(every)) : rule.after(last, zone);
        times.add(last);
      }
      return times;
    }
  }
}
