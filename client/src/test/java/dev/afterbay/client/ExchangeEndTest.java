package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.OutcomeUnknown;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.BrokerException.Unavailable;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.contract.ScriptedServer;
import dev.afterbay.contract.ScriptedServer.Step;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which an exchange can end, for every operation, and what the caller is told. */
final class ExchangeEndTest {

  private static final String HTML = "<html>go away</html>";

  private final ScriptedServer server = ScriptedServer.open();
  private final HttpBroker broker = HttpBroker.of(URI.create("http://127.0.0.1:" + server.port()));

  @AfterEach
  void close() {
    broker.close();
    server.close();
  }

  static List<Operation> all() {
    return Operation.ALL;
  }

  private void ends(
      Operation operation,
      String how,
      Class<? extends BrokerException> change,
      Class<? extends BrokerException> read) {
    assertThat(catchThrowable(() -> operation.action().on(broker)))
        .as(operation + " " + how)
        .isInstanceOf(operation.changes() ? change : read);
  }

  private static String answer(int status, String type, String body) {
    return "HTTP/1.1 "
        + status
        + " X\r\nConnection: close\r\nContent-Type: "
        + type
        + "\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static String text(Problem problem) {
    return new String(problem.json(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("all")
  void whereNobodyListensNothingWasDone(Operation operation) {
    server.close();
    ends(operation, "refused", Unavailable.class, Unavailable.class);
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatWasSentAndGotNoWholeAnswerMayHaveBeenDone(Operation operation) {
    for (String answer :
        List.of(
            "",
            "H",
            "HTTP/1.1 201",
            "HTTP/1.1 201 Created\r\nContent-Length: 10\r\n",
            "HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\n",
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}",
            "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            "SSH-2.0-OpenSSH\r\n\r\n")) {
      server.script(new Step.ReadRequest(), new Step.Write(answer));
      ends(operation, "ended after: " + answer, OutcomeUnknown.class, Unavailable.class);
      server.script(new Step.ReadRequest(), new Step.Write(answer), new Step.Reset());
      ends(operation, "reset after: " + answer, OutcomeUnknown.class, Unavailable.class);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aSuccessThatIsNotOursIsNone(Operation operation) {
    for (int status : new int[] {200, 201, 202, 203, 206, 226}) {
      server.answer(answer(status, "text/html; charset=utf-8", HTML));
      ends(operation, "was told " + status, OutcomeUnknown.class, Unavailable.class);
      server.answer("HTTP/1.1 " + status + " X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      ends(operation, "was told nothing but " + status, OutcomeUnknown.class, Unavailable.class);
    }
  }

  /** The heap of the caller is not for whoever answers without an end. */
  @ParameterizedTest
  @MethodSource("all")
  void anAnswerThatIsLongerThanTheLimitIsGivenUpAndTheLimitTold(Operation operation) {
    long heapBytes = Runtime.getRuntime().maxMemory();
    long most = AnswerLimit.of(HttpTransport.Answer.MESSAGES, heapBytes).bytes();
    String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    server.answer(head + (most + 1) + "\r\n\r\n[");
    ends(operation, "was told more", OutcomeUnknown.class, Unavailable.class);
    assertThatThrownBy(() -> operation.action().on(broker))
        .hasMessageContaining("the server's answer is longer than ")
        .hasMessageContaining(" bytes, which is all that ");
  }

  private static final Set<String> READS_NO_ANSWER =
      Set.of(
          "exists",
          "configure",
          "pause",
          "drain",
          "resume",
          "delete",
          "delete job",
          "note",
          "keep state",
          "clear state",
          "close session",
          "delete schedule");

  static Stream<Operation> reading() {
    return all().stream().filter(operation -> !READS_NO_ANSWER.contains(operation.name()));
  }

  @ParameterizedTest
  @MethodSource("reading")
  void anAnswerThatCannotBeReadLeavesOpenWhatWasDone(Operation operation) {
    for (String body : List.of("", "[", "[]", "7", HTML)) {
      server.answer(answer(200, "application/json", body));
      ends(operation, "was told: " + body, OutcomeUnknown.class, Unavailable.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "send",
        "send to several",
        "settle",
        "renew",
        "settle delivery",
        "renew delivery",
        "renew all",
        "dead settle",
        "dead settle one",
        "dead renew",
        "redrive jobs"
      })
  void anAnswerToFewerOrMoreThanWereAskedAboutCannotBeRead(String name) {
    String id = "\"" + new JobId(new UUID(0x0198_0000_0000_7000L, 1L << 63)) + "\"";
    String three = "{\"results\":[{\"ok\":true},{\"ok\":true},{\"ok\":true}],\"ids\":[ID,ID,ID]}";
    for (String body : List.of("{}", "{\"results\":[],\"ids\":[]}", three.replace("ID", id))) {
      server.answer(answer(200, "application/json", body));
      ends(Operation.named(name), "was told " + body, OutcomeUnknown.class, Unavailable.class);
    }
  }

  private static Class<? extends BrokerException> toldOfAChange(int status) {
    return switch (status) {
      case 401, 403, 407 -> BrokerException.NotAuthorized.class;
      case 429 -> BrokerException.Throttled.class;
      case 413, 414, 431 -> Rejected.class;
      case 501, 505, 511 -> Unavailable.class;
      default -> status < 500 ? Unavailable.class : OutcomeUnknown.class;
    };
  }

  @ParameterizedTest
  @MethodSource("all")
  void aRefusalThatIsNotOursIsTakenForNoWordOfOurs(Operation operation) {
    for (int status :
        new int[] {
          300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409,
          410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431,
          451, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 511, 520, 529, 599
        }) {
      Class<? extends BrokerException> change = toldOfAChange(status);
      Class<? extends BrokerException> read =
          change == OutcomeUnknown.class ? Unavailable.class : change;
      server.answer(answer(status, "text/html", HTML));
      ends(operation, "was told " + status, change, read);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {303, 400, 404, 408, 409, 429, 500, 503})
  void aProblemOfOthersIsNoneOfOurs(int status) {
    for (String name : List.of("send", "queues")) {
      Operation operation = Operation.named(name);
      Class<? extends BrokerException> change = toldOfAChange(status);
      String theirs = "{\"type\":\"about:blank\",\"detail\":\"x\"}";
      server.answer(answer(status, "application/problem+json", theirs));
      ends(operation, "was told a problem of others, " + status, change, Unavailable.class);
      server.answer("HTTP/1.1 " + status + " X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      ends(operation, "was told nothing but " + status, change, Unavailable.class);
    }
  }

  private static Class<? extends BrokerException> toldBy(Problem.Type type, boolean changes) {
    return switch (type) {
      case CONFLICT -> BrokerException.Conflict.class;
      case LEASE_LOST -> BrokerException.LeaseLost.class;
      case SESSION_LOST -> BrokerException.SessionLost.class;
      case UNSUPPORTED, METHOD_NOT_ALLOWED -> BrokerException.Unsupported.class;
      case QUEUE_FULL -> BrokerException.QueueFull.class;
      case DISK_FULL -> BrokerException.DiskFull.class;
      case OUTCOME_UNKNOWN -> OutcomeUnknown.class;
      case INTERNAL -> changes ? OutcomeUnknown.class : Unavailable.class;
      case UNAVAILABLE -> Unavailable.class;
      case FORBIDDEN -> BrokerException.NotAuthorized.class;
      case SESSION_LOCKED -> BrokerException.SessionLocked.class;
      case THROTTLED -> BrokerException.Throttled.class;
      default -> Rejected.class;
    };
  }

  /** A session that somebody else may have is let go, which is what a close is for. */
  private static boolean isNoProblem(Problem.Type type, Operation operation) {
    return type == Problem.Type.SESSION_LOST && operation.name().equals("close session");
  }

  @ParameterizedTest
  @EnumSource
  void aProblemOfOursIsWhatItSays(Problem.Type type) {
    server.answer(answer(type.status(), Problem.CONTENT_TYPE, text(Problem.of(type, "x"))));
    for (Operation operation : all()) {
      if (type == Problem.Type.NOT_FOUND || isNoProblem(type, operation)) {
        continue;
      }
      ends(operation, "was told " + type, toldBy(type, true), toldBy(type, false));
    }
  }

  @Test
  void whatIsNotThereIsToldByOursOnly() {
    server.answer(answer(404, Problem.CONTENT_TYPE, text(Problem.notFound("no such queue"))));
    assertThat(broker.queue("q").admin().orElseThrow().exists()).isFalse();
    assertThatThrownBy(() -> broker.queue("q").admin().orElseThrow().pause("x"))
        .isInstanceOf(BrokerException.QueueNotFound.class);
    server.answer(answer(404, "text/html", HTML));
    assertThatThrownBy(() -> broker.queue("q").admin().orElseThrow().exists())
        .isInstanceOf(Unavailable.class);
  }

  @Test
  void anEventWithoutAnEndIsEndedByALimit() {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    server.answer(head + ": " + "x".repeat((1 << 20) + 10_000));
    assertThatThrownBy(() -> broker.jobs().orElseThrow().watch(null))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("1 MiB");
  }

  @Test
  void aWatchIsUnavailableHoweverItFails() {
    for (String answer :
        List.of(
            "",
            "HTTP/1.1 200",
            answer(200, "text/html", HTML),
            answer(302, "text/html", HTML),
            answer(429, "text/html", HTML),
            answer(502, "text/html", HTML))) {
      server.answer(answer);
      assertThatThrownBy(() -> broker.jobs().orElseThrow().watch(null))
          .as(answer)
          .isInstanceOf(Unavailable.class);
    }
  }

  /** Its body may have no end, and nobody reads it. */
  @Test
  @Timeout(10)
  void aWatchIsRefusedByTheHeadOfAnAnswerThatIsNoStream() {
    for (String head : List.of("200 OK\r\nContent-Type: application/json", "502 X")) {
      server.script(
          new Step.ReadRequest(),
          new Step.Write("HTTP/1.1 " + head + "\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n"),
          new Step.Stall());
      assertThatThrownBy(() -> broker.jobs().orElseThrow().watch(null))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining(head.substring(0, 3));
    }
  }

  @Test
  void anExceptionSaysWhereAndWhenToTryAgain() {
    Problem problem = new Problem(Problem.Type.UNAVAILABLE, "x", null, Duration.ofMillis(1_500));
    server.answer(answer(503, Problem.CONTENT_TYPE, text(problem)));
    BrokerException said = sending();
    assertThat(said.isTransient()).isTrue();
    assertThat(said.retryAfter()).contains(Duration.ofMillis(1_500));
    BrokerException.Context context = said.context().orElseThrow();
    assertThat(context.queue()).isEqualTo("q");
    assertThat(context.operation()).startsWith("POST /queues/q/messages");
    String busy = "HTTP/1.1 429 X\r\nConnection: close\r\nContent-Length: 0\r\n";
    server.answer(busy + "Retry-After: 7\r\n\r\n");
    assertThat(sending().retryAfter()).contains(Duration.ofSeconds(7));
    for (String digits : List.of("9".repeat(17), "9".repeat(20), "9".repeat(38))) {
      server.answer(busy + "Retry-After: " + digits + "\r\n\r\n");
      assertThat(sending().retryAfter()).as(digits).contains(Duration.ofDays(1));
    }
    server.answer(busy + "Retry-After: " + "0".repeat(30) + "5\r\n\r\n");
    assertThat(sending().retryAfter()).contains(Duration.ofSeconds(5));
    for (String nonsense : List.of("-1", "soon", "+7", "7.5", "99999999999999999999x")) {
      server.answer(busy + "Retry-After: " + nonsense + "\r\n\r\n");
      assertThat(sending().retryAfter()).as(nonsense).isEmpty();
    }
  }

  private BrokerException sending() {
    return catchThrowableOfType(
        BrokerException.class, () -> broker.queue("q").send(Message.of("t", "x")));
  }

  @Test
  void aConnectionThatBreaksWithinTheRequestHasDoneNothing() {
    Message large = Message.of("t", new byte[24 << 20]);
    for (Step last : List.of(new Step.Reset(), new Step.Write("HTTP/1.1 201"))) {
      server.script(new Step.Read(1_000), last);
      assertThatThrownBy(() -> broker.queue("q").send(large)).isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void aFullQueueCostsOneRequestAndSaysItsDepth() {
    String problem = text(Problem.of(new BrokerException.QueueFull("q", 5)));
    server.answer(answer(429, Problem.CONTENT_TYPE, problem));
    assertThatThrownBy(() -> broker.queue("q").send(Message.of("t", "x")))
        .isInstanceOf(BrokerException.QueueFull.class)
        .hasMessage("queue q is full (max_depth 5): send again later");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aRedirectionIsToldWithItsTarget() {
    String location = "Location: https://else.where/\r\n";
    server.answer("HTTP/1.1 301 X\r\nConnection: close\r\n" + location + "\r\n");
    assertThatThrownBy(() -> broker.queue("q").send(Message.of("t", "x")))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("https://else.where/");
  }

  @Test
  void anErrorNamesTheServerAndAReason() {
    server.close();
    assertThatThrownBy(broker::queues)
        .hasMessageContaining("GET http://127.0.0.1:" + server.port() + "/queues")
        .hasMessageNotContaining("null")
        .hasMessageNotContaining("java.");
  }
}
