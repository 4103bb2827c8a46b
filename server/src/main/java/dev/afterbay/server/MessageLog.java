package dev.afterbay.server;

import dev.afterbay.Event;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Status;
import dev.afterbay.Watch;
import dev.afterbay.client.wire.Times;
import dev.afterbay.http.HttpApiServices;
import dev.afterbay.server.LogEntry.Field;
import dev.afterbay.store.EventFeed;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs each step of each message: received, verified and known as the routes tell it, the others as
 * the events do. Never bodies, keys, or who the consumer is.
 *
 * <p>On a thread of its own, so that nobody who sends or works waits for the log: the ring of
 * events and the queue of what the routes tell have bounds, and what was too much is counted.
 */
final class MessageLog implements HttpApiServices.Steps, AutoCloseable {
  private static final Logger LOG = System.getLogger(MessageLog.class.getName());

  /** Whose lines they are. */
  static final String NAME = "dev.afterbay.messages";

  static final int TOLD_MAX = 16_384;

  private static final int EVENTS_AT_ONCE_MAX = 1_000;
  private static final int BYTES_AT_ONCE = 32 << 10;

  /** So that under load one wake-up serves many. */
  private static final long GATHER_NANOS = Duration.ofMillis(5).toNanos();

  private static final Duration SAY_AGAIN = Duration.ofSeconds(10);
  private static final Duration END_PATIENCE = Duration.ofSeconds(5);

  private final EventFeed events;
  private final Supplier<Instant> clock;
  private final LogFormat format;
  private final Consumer<byte[]> output;
  private final ArrayBlockingQueue<Told> told = new ArrayBlockingQueue<>(TOLD_MAX);
  private final AtomicLong leftOut = new AtomicLong();
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream(BYTES_AT_ONCE);
  private final AutoCloseable registration;
  private final Thread thread;
  private String position;
  private long saidNanos = System.nanoTime() - SAY_AGAIN.toNanos();
  private volatile boolean sleeping;
  private volatile boolean closed;

  /** A step that the routes told. */
  private record Told(
      long atMillis,
      String step,
      String queue,
      String type,
      @Nullable String session,
      @Nullable String correlationId,
      @Nullable JobId id,
      @Nullable Long tookMillis) {

    /** Before all that the events say of it. */
    boolean isBefore() {
      return id == null;
    }
  }

  private MessageLog(
      EventFeed events, Supplier<Instant> clock, LogFormat format, Consumer<byte[]> output) {
    this.events = events;
    this.clock = clock;
    this.format = format;
    this.output = output;
    position = events.end();
    thread = Thread.ofPlatform().daemon().name("afterbay-message-log").unstarted(this::run);
    registration = events.onPublish(this::wake);
  }

  /**
   * Logs what happens from now on.
   *
   * @param clock that of the events
   * @param output takes whole lines
   */
  static MessageLog start(
      EventFeed events, Supplier<Instant> clock, LogFormat format, Consumer<byte[]> output) {
    MessageLog log = new MessageLog(events, clock, format, output);
    log.thread.start();
    return log;
  }

  @Override
  public void received(String queue, Message message) {
    tell("received", queue, message, null, null);
  }

  @Override
  public void verified(String queue, Message message, long nanos) {
    tell("verified", queue, message, null, nanos / 1_000_000);
  }

  @Override
  public void known(String queue, Message message, JobId id) {
    tell("known", queue, message, id, null);
  }

  /** Without the message itself: many wait here, and each may be large. */
  private void tell(
      String step, String queue, Message message, @Nullable JobId id, @Nullable Long tookMillis) {
    Message.Options of = message.options();
    long at = clock.get().toEpochMilli();
    String type = message.type();
    if (!told.offer(
        new Told(at, step, queue, type, of.session(), of.correlationId(), id, tookMillis))) {
      leftOut.incrementAndGet();
    }
    wake();
  }

  private void wake() {
    if (sleeping) {
      sleeping = false;
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    List<Told> later = new ArrayList<>();
    boolean last = false;
    while (!last) {
      last = closed;
      try {
        writeAll(later);
      } catch (RuntimeException | Error e) { // The log outlives a heap that was full for a moment.
        LOG.log(Level.ERROR, "steps of messages were not logged", e);
      }
      if (!last) {
        sleep();
      }
    }
    sayLeftOut(true);
  }

  private void sleep() {
    sleeping = true;
    if (told.isEmpty() && position.equals(events.end()) && !closed) {
      LockSupport.park(this);
    }
    sleeping = false;
    if (!closed) {
      LockSupport.parkNanos(this, GATHER_NANOS);
    }
  }

  /**
   * Writes what there is, each message's steps in order. A route tells what comes before an event
   * before it happens, so that is in the queue when the event is seen; and what comes after an
   * event it tells afterwards, so the event is seen by a look that begins after that.
   *
   * @param later what comes after events that are not written yet
   */
  private void writeAll(List<Told> later) {
    boolean more = true;
    while (more) {
      List<Told> all = new ArrayList<>(later);
      later.clear();
      told.drainTo(all);
      int before = all.size();
      List<Event> happened = next();
      more = happened.size() == EVENTS_AT_ONCE_MAX;
      told.drainTo(all);
      all.stream().filter(Told::isBefore).forEach(this::write);
      happened.forEach(this::write);
      for (int i = 0; i < all.size(); i++) {
        Told each = all.get(i);
        if (!each.isBefore()) {
          if ((more || i >= before) && later.size() < TOLD_MAX) {
            later.add(each);
          } else {
            write(each);
          }
        }
      }
      flush();
      sayLeftOut(false);
      more |= !later.isEmpty();
    }
  }

  private List<Event> next() {
    try {
      List<Event> found = events.after(position, EVENTS_AT_ONCE_MAX);
      if (!found.isEmpty()) {
        position = found.getLast().position();
      }
      return found;
    } catch (Watch.Reset _) {
      String end = events.end();
      leftOut.addAndGet(Math.max(1, events.between(position, end)));
      position = end;
      return List.of();
    }
  }

  private void sayLeftOut(boolean last) {
    long now = System.nanoTime();
    if (leftOut.get() > 0 && (last || now - saidNanos >= SAY_AGAIN.toNanos())) {
      saidNanos = now;
      LOG.log(
          Level.WARNING,
          "steps of messages that are not in the log, as more happened than could be written: "
              + leftOut.getAndSet(0));
    }
  }

  private void write(Told told) {
    Map<Field, Object> fields = new EnumMap<>(Field.class);
    put(fields, Field.QUEUE, told.queue);
    put(fields, Field.JOB_ID, told.id);
    put(fields, Field.JOB_TYPE, told.type);
    put(fields, Field.SESSION, told.session);
    put(fields, Field.CORRELATION_ID, told.correlationId);
    put(fields, Field.TOOK, told.tookMillis);
    write(told.atMillis, told.step, fields);
  }

  private void write(Event event) {
    String step = step(event);
    JobId job = event.job();
    if (step == null || job == null) {
      return;
    }
    long at = event.at().toEpochMilli();
    Map<Field, Object> fields = new EnumMap<>(Field.class);
    put(fields, Field.QUEUE, event.queue());
    put(fields, Field.JOB_ID, job);
    put(fields, Field.JOB_TYPE, event.subject());
    put(fields, Field.SESSION, event.session());
    put(fields, Field.CORRELATION_ID, event.correlationId());
    put(fields, Field.SCHEDULE, event.schedule());
    put(fields, Field.ATTEMPT, event.attempt() == 0 ? null : event.attempt());
    Instant since = event.since();
    if (since != null) {
      boolean attemptEnded = event.consumer() != null && event.status() != Status.Kind.PROCESSING;
      put(fields, Field.TOOK, attemptEnded ? Math.max(0, at - since.toEpochMilli()) : null);
      put(fields, Field.AGE, Math.max(0, at - job.madeAtMillis()));
    }
    Instant due = event.due();
    put(fields, Field.DUE, due == null ? null : Times.format(due));
    put(fields, Field.ERROR, event.error());
    write(at, step, fields);
  }

  /** Null: it is none of a message, or was told before. */
  private static @Nullable String step(Event event) {
    boolean isNew = event.since() == null;
    return switch (event.type()) {
      case ENQUEUED, SCHEDULED -> isNew ? "stored" : null;
      case LEASED -> "started";
      case DONE -> isNew ? "stored" : "done";
      case RETRIED, LAPSED -> "retried";
      case FAILED -> isNew ? "stored" : "dead";
      case EXPIRED -> "expired";
      case CANCELLED -> {
        String asked = event.status() == Status.Kind.PROCESSING ? "cancelling" : "cancelled";
        yield isNew ? "stored" : asked;
      }
      case RELEASED, REDRIVEN, DELETED -> event.type().word();
      default -> null;
    };
  }

  private static void put(Map<Field, Object> fields, Field field, @Nullable Object value) {
    if (value != null) {
      fields.put(field, value);
    }
  }

  private void write(long atMillis, String step, Map<Field, Object> fields) {
    lines.writeBytes(format.line(new LogEntry(atMillis, "INFO", NAME, step, fields, null)));
    if (lines.size() >= BYTES_AT_ONCE) {
      flush();
    }
  }

  private void flush() {
    if (lines.size() > 0) {
      output.accept(lines.toByteArray());
      lines.reset();
    }
  }

  /** Logs what there is, and ends. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      registration.close();
      thread.join(END_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("a listener cannot be removed", e);
    }
  }
}
