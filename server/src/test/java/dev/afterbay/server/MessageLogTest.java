package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.afterbay.Delivery;
import dev.afterbay.Event;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receiver;
import dev.afterbay.Schedules;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(30)
final class MessageLogTest {
  private static final JobId ID =
      new JobId(UUID.fromString("01a214c1-ea10-7000-8558-649896e04201"));

  private final Engine engine = Engine.owning(MemoryStore.open());
  private final Queue queue = engine.queue("q");
  private final StringBuilder lines = new StringBuilder();
  private final CountDownLatch mayWrite = new CountDownLatch(1);
  private final CountDownLatch writes = new CountDownLatch(1);

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void eachStepOfALifeIsALine() throws Exception {
    queue.admin().orElseThrow().configure(QueueSettings.STANDARD.maxAttempts(2));
    JobId id;
    try (MessageLog log = start();
        Receiver receiver = queue.receiver()) {
      id = queue.send(Message.of("note", "a body").key("a key").session("s").correlationId("c 1"));
      one(receiver).settle(Outcome.release());
      one(receiver).settle(Outcome.retry("refused:\nno", Duration.ZERO));
      one(receiver).settle(Outcome.fail("no"));
      engine.jobs().orElseThrow().redrive(id);
      one(receiver).settle(Outcome.done());
      assertThat(log).isNotNull();
    }
    assertThat(steps())
        .containsExactly(
            "stored",
            "started",
            "released",
            "started",
            "retried",
            "started",
            "dead",
            "redriven",
            "started",
            "done");
    String of = " queue=q job_id=" + id + " job_type=note session=s correlation_id=\"c 1\"";
    List<String> all = lines.toString().lines().toList();
    assertThat(all.getFirst()).endsWith(" INFO messages: stored" + of);
    assertThat(all.get(1)).contains(": started" + of + " attempt=1 age_ms=");
    assertThat(all.get(4))
        .matches(
            ".*: retried" + of + " attempt=1 took_ms=[0-9]+ age_ms=[0-9]+ due=20\\S+Z error=.*")
        .endsWith(" error=\"refused: | no\"");
    assertThat(all.get(6)).contains(": dead" + of + " attempt=2 took_ms=").endsWith(" error=no");
    assertThat(all.getLast()).matches(".*: done" + of + " attempt=1 took_ms=\\d+ age_ms=\\d+");
    assertThat(lines.toString()).doesNotContain("a body").doesNotContain("a key");
  }

  @Test
  void theOtherEndsAreLines() throws Exception {
    try (MessageLog log = start();
        Receiver receiver = queue.receiver()) {
      JobId waiting = queue.send(Message.of("note", "later").delay(Duration.ofHours(1)));
      engine.jobs().orElseThrow().cancel(waiting);
      JobId running = queue.send(Message.of("note", "now"));
      Delivery delivery = one(receiver);
      engine.jobs().orElseThrow().cancel(running);
      delivery.settle(Outcome.retry("stopped"));
      assertThat(log).isNotNull();
    }
    assertThat(steps())
        .containsExactly("stored", "cancelled", "stored", "started", "cancelling", "cancelled");
    List<String> all = lines.toString().lines().toList();
    assertThat(all.getFirst()).contains(" due=");
    assertThat(all.get(1)).doesNotContain("took_ms").doesNotContain("attempt");
    assertThat(all.get(4)).doesNotContain("took_ms");
    assertThat(all.get(5)).contains("took_ms=");
  }

  @Test
  void theScheduleThatSentAJobIsNamed() throws Exception {
    Schedules schedules = engine.schedules().orElseThrow();
    schedules.put(
        "nightly", Schedules.Definition.every(Duration.ofDays(1), "q", Message.of("note", "x")));
    try (MessageLog log = start()) {
      schedules.runNow("nightly");
      assertThat(log).isNotNull();
    }
    assertThat(lines.toString()).contains(" job_type=note schedule=nightly");
  }

  @Test
  void whatARouteTellsIsInItsPlace() {
    Message message = Message.of("note", "x").key("k").correlationId("c");
    try (MessageLog log = start()) {
      for (int i = 0; i < 50; i++) {
        log.received("q", message);
        log.verified("q", message, 7_900_000);
        JobId id = queue.send(message.key("k" + i));
        log.received("q", message);
        log.known("q", message, id);
      }
    }
    List<String> all = lines.toString().lines().toList();
    assertThat(all).hasSize(250);
    assertThat(all.getFirst()).endsWith(": received queue=q job_type=note correlation_id=c");
    assertThat(all)
        .anyMatch(
            line -> line.endsWith(": verified queue=q job_type=note correlation_id=c took_ms=7"));
    List<String> ids = all.stream().filter(line -> line.contains("job_id")).toList();
    assertThat(ids).hasSize(100);
    for (String stored : ids.stream().filter(line -> line.contains(": stored")).toList()) {
      String id = stored.replaceFirst(".* job_id=(\\S+).*", "$1");
      List<String> of = ids.stream().filter(line -> line.contains(id)).toList();
      assertThat(of).hasSize(2);
      assertThat(of.getLast()).contains(": known ");
    }
  }

  @Test
  void whatIsTooMuchIsCountedAndNobodyWaits() throws Exception {
    Message message = Message.of("note", "x");
    int events = engine.events().capacity() + 1_000;
    try (LogKept kept = new LogKept(MessageLog.class)) {
      try (MessageLog log = startBlocked()) {
        log.received("q", message);
        writes.await();
        for (int i = 0; i < events; i++) {
          engine.events().publish(Event.Type.BREAKER_OPENED, Instant.EPOCH, "q", "x", "no");
        }
        for (int i = 0; i < MessageLog.TOLD_MAX + 7; i++) {
          log.known("q", message, ID);
        }
        mayWrite.countDown();
      }
      long missed =
          kept.lines().stream()
              .mapToLong(line -> Long.parseLong(line.replaceFirst(".*: (\\d+)$", "$1")))
              .sum();
      assertThat(missed).isEqualTo(events + 7);
      assertThat(steps()).hasSize(1 + MessageLog.TOLD_MAX);
    }
  }

  /** What a class logs, whatever a test before this one made of the level for all. */
  private static final class LogKept implements AutoCloseable {
    private final Logger logger;
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    LogKept(Class<?> type) {
      logger = (Logger) LoggerFactory.getLogger(type);
      logger.setLevel(Level.WARN);
      appender.list = new CopyOnWriteArrayList<>();
      appender.start();
      logger.addAppender(appender);
    }

    List<String> lines() {
      return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Override
    public void close() {
      logger.detachAppender(appender);
      logger.setLevel(null);
    }
  }

  private MessageLog start() {
    mayWrite.countDown();
    return startBlocked();
  }

  private MessageLog startBlocked() {
    return MessageLog.start(
        engine.events(), () -> engine.clock().now().wall(), LogFormat.TEXT, this::write);
  }

  private void write(byte[] some) {
    writes.countDown();
    try {
      mayWrite.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lines.append(new String(some, StandardCharsets.UTF_8));
  }

  private List<String> steps() {
    return lines.toString().lines().map(line -> line.split(" ")[3]).toList();
  }

  private static Delivery one(Receiver receiver) throws InterruptedException {
    return receiver.receive(1, Duration.ofSeconds(10)).getFirst();
  }
}
