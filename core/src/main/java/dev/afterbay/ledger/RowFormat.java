package dev.afterbay.ledger;

import dev.afterbay.Attempt;
import dev.afterbay.BrokerException;
import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the records; docs/storage.md has them as a table.
 *
 * <p>Change a record, and raise {@link #VERSION}: an older program then refuses the store instead
 * of misreading it. Flag bits that are not used yet must be 0; {@link #RESERVED} are kept for the
 * fair key and the unique scope of later issues.
 */
final class RowFormat {

  static final int VERSION = 4;

  private static final int HAS_LINE = 1;
  private static final int HAS_KEY = 2;
  private static final int HAS_KEY_WINDOW = 4;
  private static final int HAS_NOT_BEFORE = 8;
  private static final int HAS_DELAY = 16;
  private static final int HAS_TIME_TO_LIVE = 32;
  private static final int HAS_MAX_ATTEMPTS = 64;
  private static final int TRACKED = 128;
  private static final int HAS_SESSION = 256;
  private static final int HAS_CORRELATION = 512;
  private static final int RESERVED = ~0x3ff;

  /** Of the flags of a state; above them stands why a job is failed, counted from 1. */
  private static final int CANCEL_REQUESTED = 1;

  private static final int NOTED = 2;
  private static final int WAS_DELIVERED = 4;
  private static final int REASON_SHIFT = 3;

  private RowFormat() {}

  /** What never changes of a job. */
  static byte[] body(Job job) {
    Message message = job.message();
    Message.Options options = message.options();
    RowWriter out = new RowWriter(160);
    out.varint(flags(job)).text(job.queue()).int64(job.seq()).int64(job.rank());
    out.varint(millis(job.createdAt())).text(message.type()).text(message.contentType());
    out.int8(options.priority());
    text(out, job.line());
    text(out, options.session());
    text(out, options.key());
    duration(out, options.keyWindow());
    if (options.notBefore() != null) {
      out.int64(millis(options.notBefore()));
    }
    duration(out, options.delay());
    duration(out, options.timeToLive());
    if (options.maxAttempts() != null) {
      out.varint(options.maxAttempts());
    }
    text(out, options.correlationId());
    values(out, message.attributes());
    state(out, job.state(), null);
    return out.done(message.body());
  }

  /** A job as it was accepted, with its attributes, and without its body if that is not wanted. */
  static Job body(JobId id, byte[] bytes, boolean withBody) {
    RowReader in = new RowReader(bytes);
    int flags = (int) in.varint();
    if ((flags & RESERVED) != 0) {
      throw new BrokerException.Unavailable(
          "job " + id + " was written by a newer version: run that version");
    }
    String queue = in.text();
    long seq = in.int64();
    long rank = in.int64();
    Instant createdAt = Instant.ofEpochMilli(in.varint());
    String type = in.text();
    String contentType = in.text();
    int priority = in.int8();
    String line = (flags & HAS_LINE) != 0 ? in.text() : null;
    Message.Options options =
        new Message.Options(
            (flags & HAS_SESSION) != 0 ? in.text() : null,
            (flags & HAS_KEY) != 0 ? in.text() : null,
            (flags & HAS_KEY_WINDOW) != 0 ? Duration.ofMillis(in.varint()) : null,
            priority,
            (flags & HAS_NOT_BEFORE) != 0 ? Instant.ofEpochMilli(in.int64()) : null,
            (flags & HAS_DELAY) != 0 ? Duration.ofMillis(in.varint()) : null,
            (flags & HAS_TIME_TO_LIVE) != 0 ? Duration.ofMillis(in.varint()) : null,
            (flags & HAS_MAX_ATTEMPTS) != 0 ? (int) in.varint() : null,
            (flags & HAS_CORRELATION) != 0 ? in.text() : null,
            (flags & TRACKED) != 0);
    Map<String, String> attributes = values(in);
    State state = state(in);
    in.int8();
    byte[] body = withBody ? in.blob() : new byte[0];
    Message message = new Message(type, contentType, body, attributes, options);
    return new Job(id, queue, message, line, seq, rank, state, List.of(), createdAt);
  }

  /**
   * The state of a job and its last attempt. The due time that it was given comes behind all else,
   * and only if there is one: programs that do not know it pass over it.
   */
  static byte[] state(State state, @Nullable Attempt last) {
    RowWriter out = new RowWriter(96);
    state(out, state, last);
    Instant due = state.rescheduledTo();
    if (due != null) {
      out.int64(millis(due));
    }
    return out.done();
  }

  private static void state(RowWriter out, State state, @Nullable Attempt last) {
    out.varint(state.version()).varint(state.attempts()).varint(state.ended());
    out.varint(state.redrives()).int8(flags(state));
    out.varint(millis(state.since())).varint(millis(state.changedAt()));
    Instant delivered = state.firstDeliveredAt();
    if (delivered != null) {
      out.varint(millis(delivered));
    }
    out.varint(state.then().size());
    state.then().forEach(id -> out.uuid(id.value()));
    status(out, state.status());
    out.int8(last == null ? 0 : 1);
    if (last != null) {
      attempt(out, last);
    }
  }

  static State state(RowReader in) {
    long version = in.varint();
    int attempts = (int) in.varint();
    int ended = (int) in.varint();
    int redrives = (int) in.varint();
    int flags = in.int8();
    Instant since = Instant.ofEpochMilli(in.varint());
    Instant changedAt = Instant.ofEpochMilli(in.varint());
    Instant delivered = (flags & WAS_DELIVERED) != 0 ? Instant.ofEpochMilli(in.varint()) : null;
    int dependents = in.length();
    List<JobId> then = new ArrayList<>(dependents);
    for (int i = 0; i < dependents; i++) {
      then.add(new JobId(in.uuid()));
    }
    return new State(
        version,
        status(in, flags >>> REASON_SHIFT),
        attempts,
        ended,
        redrives,
        (flags & CANCEL_REQUESTED) != 0,
        (flags & NOTED) != 0,
        then,
        since,
        delivered,
        changedAt,
        null);
  }

  /** What comes behind the last attempt. */
  static State rescheduled(RowReader in, State state) {
    return in.hasMore() ? state.rescheduledTo(Instant.ofEpochMilli(in.int64())) : state;
  }

  private static int flags(State state) {
    int reason = state.status() instanceof Status.Failed failed ? failed.reason().code() + 1 : 0;
    return (state.cancelRequested() ? CANCEL_REQUESTED : 0)
        | (state.noted() ? NOTED : 0)
        | (state.firstDeliveredAt() != null ? WAS_DELIVERED : 0)
        | reason << REASON_SHIFT;
  }

  static @Nullable Attempt lastAttempt(RowReader in) {
    return in.int8() == 0 ? null : attempt(in);
  }

  static byte[] attempt(Attempt attempt) {
    RowWriter out = new RowWriter(64);
    attempt(out, attempt);
    return out.done();
  }

  private static void attempt(RowWriter out, Attempt attempt) {
    out.text(attempt.consumer());
    out.varint(millis(attempt.startedAt())).varint(millis(attempt.endedAt()));
    switch (attempt.outcome()) {
      case Outcome.Done _ -> out.int8(0);
      case Outcome.Retry(String reason, Duration delay) -> {
        out.int8(1).text(reason).int8(delay == null ? 0 : 1);
        duration(out, delay);
      }
      case Outcome.Fail(String reason) -> out.int8(2).text(reason);
      case Outcome.Release _ -> out.int8(3);
    }
  }

  static Attempt attempt(RowReader in) {
    String consumer = in.text();
    Instant startedAt = Instant.ofEpochMilli(in.varint());
    Instant endedAt = Instant.ofEpochMilli(in.varint());
    int kind = in.int8();
    Outcome outcome =
        switch (kind) {
          case 0 -> Outcome.done();
          case 1 ->
              new Outcome.Retry(in.text(), in.int8() == 0 ? null : Duration.ofMillis(in.varint()));
          case 2 -> Outcome.fail(in.text());
          case 3 -> Outcome.release();
          default ->
              throw new BrokerException.Unavailable(
                  "the store holds an unknown outcome "
                      + kind
                      + ": run a newer version, or verify");
        };
    return new Attempt(consumer, startedAt, endedAt, outcome);
  }

  static byte[] setting(Setting setting) {
    RowWriter out = new RowWriter(128).varint(setting.version());
    values(out, setting.values());
    return out.done();
  }

  static Setting setting(String kind, String name, byte[] bytes) {
    RowReader in = new RowReader(bytes);
    return new Setting(kind, name, in.varint(), values(in));
  }

  static byte[] held(SessionLease held) {
    return new RowWriter(64)
        .text(held.consumer())
        .int64(held.fence())
        .varint(held.untilTick())
        .done();
  }

  static SessionLease held(String session, byte[] bytes) {
    RowReader in = new RowReader(bytes);
    return new SessionLease(session, in.text(), in.int64(), in.varint());
  }

  private static void status(RowWriter out, Status status) {
    out.int8(status.kind().code());
    switch (status) {
      case Status.Pending(Due.At(Instant wall)) -> out.int8(0).int64(millis(wall));
      case Status.Pending(Due.AtTick(long tick)) -> out.int8(1).varint(tick);
      case Status.Waiting(int left, int failed) -> out.varint(left).varint(failed);
      case Status.Processing(Lease lease) -> lease(out, lease);
      case Status.Done(Instant at) -> out.varint(millis(at));
      case Status.Failed(Instant at, _, String error) -> out.varint(millis(at)).text(error);
      case Status.Cancelled(Instant at) -> out.varint(millis(at));
      case Status.Gone _ -> {}
    }
  }

  private static Status status(RowReader in, int reason) {
    return switch (Status.Kind.ofCode(in.int8())) {
      case PENDING ->
          new Status.Pending(
              in.int8() == 0
                  ? new Due.At(Instant.ofEpochMilli(in.int64()))
                  : new Due.AtTick(in.varint()));
      case WAITING -> new Status.Waiting((int) in.varint(), (int) in.varint());
      case PROCESSING ->
          new Status.Processing(
              new Lease(
                  in.text(),
                  in.int64(),
                  Instant.ofEpochMilli(in.varint()),
                  in.varint(),
                  in.int8() != 0));
      case DONE -> new Status.Done(Instant.ofEpochMilli(in.varint()));
      case FAILED -> {
        Instant at = Instant.ofEpochMilli(in.varint());
        // 0: written before the first release, in a directory that was upgraded.
        Status.Reason why = reason == 0 ? Status.Reason.REJECTED : Status.Reason.ofCode(reason - 1);
        yield new Status.Failed(at, why, in.text());
      }
      case CANCELLED -> new Status.Cancelled(Instant.ofEpochMilli(in.varint()));
      case GONE -> new Status.Gone();
    };
  }

  private static void lease(RowWriter out, Lease lease) {
    out.text(lease.consumer()).int64(lease.fence()).varint(millis(lease.since()));
    out.varint(lease.untilTick()).int8(lease.detached() ? 1 : 0);
  }

  private static int flags(Job job) {
    Message.Options options = job.message().options();
    return (job.line() != null ? HAS_LINE : 0)
        | (options.session() != null ? HAS_SESSION : 0)
        | (options.key() != null ? HAS_KEY : 0)
        | (options.keyWindow() != null ? HAS_KEY_WINDOW : 0)
        | (options.notBefore() != null ? HAS_NOT_BEFORE : 0)
        | (options.delay() != null ? HAS_DELAY : 0)
        | (options.timeToLive() != null ? HAS_TIME_TO_LIVE : 0)
        | (options.maxAttempts() != null ? HAS_MAX_ATTEMPTS : 0)
        | (options.correlationId() != null ? HAS_CORRELATION : 0)
        | (options.tracked() ? TRACKED : 0);
  }

  private static void text(RowWriter out, @Nullable String value) {
    if (value != null) {
      out.text(value);
    }
  }

  private static void duration(RowWriter out, @Nullable Duration value) {
    if (value != null) {
      out.varint(value.toMillis());
    }
  }

  private static void values(RowWriter out, Map<String, String> values) {
    out.varint(values.size());
    values.forEach((name, value) -> out.text(name).text(value));
  }

  private static Map<String, String> values(RowReader in) {
    int size = (int) in.varint();
    if (size == 0) {
      return Map.of();
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      values.put(in.text(), in.text());
    }
    return values;
  }

  /** Wall times are kept to the millisecond, and not before 1970. */
  static long millis(Instant instant) {
    return Math.max(0, instant.toEpochMilli());
  }
}
