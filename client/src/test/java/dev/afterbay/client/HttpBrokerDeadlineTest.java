package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.OutcomeUnknown;
import dev.afterbay.BrokerException.Unavailable;
import dev.afterbay.Message;
import dev.afterbay.Watch;
import dev.afterbay.contract.ScriptedServer;
import dev.afterbay.contract.ScriptedServer.Step;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server that falls silent holds up nobody for longer than was said, nor whom one interrupts. */
@Timeout(60)
final class HttpBrokerDeadlineTest {

  private static final HttpTransport.Patience SHORT =
      new HttpTransport.Patience(
          Duration.ofSeconds(5), Duration.ofMillis(20), Duration.ofMillis(20));
  private static final HttpTransport.Patience LONG =
      new HttpTransport.Patience(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1));
  private static final Message LARGE = Message.of("t", new byte[24 << 20]);

  private static final String PROBLEM =
      "HTTP/1.1 500 X\r\nContent-Type: application/problem+json\r\n";

  /** Where it falls silent: before the answer, in its head, in its body. */
  private static final List<String> BEGINNINGS =
      List.of(
          "",
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
          PROBLEM + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n");

  private final ScriptedServer server = ScriptedServer.open();

  @AfterEach
  void close() {
    server.close();
  }

  static List<Operation> all() {
    return Operation.ALL;
  }

  private HttpBroker broker(HttpTransport.Patience patience) {
    return HttpBroker.of(URI.create("http://127.0.0.1:" + server.port()), patience);
  }

  private static Class<? extends Throwable> expected(Operation operation) {
    return operation.changes() ? OutcomeUnknown.class : Unavailable.class;
  }

  @Test
  void everyCallEndsWithinItsTime() throws Exception {
    HttpTransport.Patience patience =
        new HttpTransport.Patience(
            Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofMillis(500));
    try (HttpBroker broker = broker(patience)) {
      for (String beginning : BEGINNINGS) {
        server.script(new Step.ReadRequest(), new Step.Write(beginning), new Step.Stall());
        Map<Operation, Throwable> ended = new ConcurrentHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (Operation operation : all()) {
          Runnable call =
              () -> ended.put(operation, catchThrowable(() -> operation.action().on(broker)));
          threads.add(Thread.startVirtualThread(call));
        }
        for (Thread thread : threads) {
          thread.join();
        }
        for (Operation operation : all()) {
          assertThat(ended.get(operation))
              .as(operation + " after: " + beginning)
              .isInstanceOf(expected(operation))
              .hasMessageContaining("no answer within 500ms");
        }
      }
    }
  }

  @Test
  void aRequestThatIsNotTakenEndsWithinItsTimeAndHasDoneNothing() {
    server.script(new Step.Read(1), new Step.Stall());
    try (HttpBroker broker = broker(SHORT)) {
      assertThatThrownBy(() -> broker.queue("q").send(LARGE)).isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void aWatchBeginsWithinItsTimeOrNotAtAll() {
    try (HttpBroker broker = broker(SHORT)) {
      for (String beginning :
          List.of(
              "",
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n",
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
              "HTTP/1.1 500 X\r\nContent-Length: 5\r\n\r\n{")) {
        server.script(new Step.ReadRequest(), new Step.Write(beginning), new Step.Stall());
        assertThatThrownBy(() -> broker.jobs().orElseThrow().watch(null))
            .as(beginning)
            .isInstanceOf(Unavailable.class);
      }
    }
  }

  /** What the operation throws when its thread is interrupted once the server has its request. */
  private Throwable interrupted(HttpBroker broker, Operation.Action action) throws Exception {
    int before = server.requests().size();
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    CompletableFuture<Boolean> still = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              Throwable thrown = catchThrowable(() -> action.on(broker));
              still.complete(Thread.currentThread().isInterrupted());
              ended.complete(thrown);
            });
    server.awaitRequestsBeyond(before);
    thread.interrupt();
    Throwable thrown = ended.get(30, TimeUnit.SECONDS);
    assertThat(still.get() || thrown instanceof InterruptedException)
        .as("interrupted still")
        .isTrue();
    return thrown;
  }

  @ParameterizedTest
  @MethodSource("all")
  void anInterruptEndsEveryCallAtOnce(Operation operation) throws Exception {
    server.script(new Step.ReadRequest(), new Step.Stall());
    try (HttpBroker broker = broker(LONG)) {
      Throwable thrown = interrupted(broker, operation.action());
      boolean waits = Set.of("receive", "session receive", "accept").contains(operation.name());
      assertThat(thrown).isInstanceOf(waits ? InterruptedException.class : expected(operation));
      server.script(new Step.Reset());
    }
  }

  @Test
  void anInterruptEndsTheBeginOfAWatch() throws Exception {
    server.script(
        new Step.ReadRequest(),
        new Step.Write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"),
        new Step.Stall());
    try (HttpBroker broker = broker(LONG)) {
      assertThat(interrupted(broker, b -> b.jobs().orElseThrow().watch(null)))
          .isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void whoIsInterruptedAlreadySendsNothing() throws Exception {
    try (HttpBroker broker = broker(LONG)) {
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            Thread.currentThread().interrupt();
            thrown.complete(catchThrowable(() -> broker.queue("q").send(Message.of("t", "x"))));
          });
      assertThat(thrown.get(10, TimeUnit.SECONDS))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("not sent");
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void closingTheBrokerLeavesOpenWhatWasSent() throws Exception {
    server.script(new Step.ReadRequest(), new Step.Stall());
    HttpBroker broker = broker(LONG);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() ->
            thrown.complete(catchThrowable(() -> broker.queue("q").send(Message.of("t", "x")))));
    server.awaitRequestsBeyond(0);
    broker.close();
    assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(OutcomeUnknown.class);
    assertThatThrownBy(() -> broker.queue("q").send(Message.of("t", "x")))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aWatchWhoseReaderPausedIsNotSilent() throws Exception {
    StringBuilder events = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      events.append("id: 1-").append(i).append("\n\n");
    }
    server.script(
        new Step.ReadRequest(),
        new Step.Write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + events),
        new Step.Stall());
    try (HttpTransport link =
            new HttpTransport(
                URI.create("http://127.0.0.1:" + server.port()), HttpTransport.Patience.STANDARD);
        Watch watch = HttpWatch.open(link, Watch.Filter.ALL, null, Duration.ofSeconds(5))) {
      for (int i = 0; i < 1_000 && !watch.position().equals("1-2999"); i++) {
        try {
          assertThat(watch.next(1, Duration.ofMillis(1))).isEmpty();
        } catch (BrokerException e) {
          throw new AssertionError("at " + watch.position(), e);
        }
      }
      assertThat(watch.position()).isEqualTo("1-2999");
    }
  }
}
