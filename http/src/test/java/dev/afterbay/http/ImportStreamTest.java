package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import dev.afterbay.client.HttpBroker;
import dev.afterbay.client.wire.ExportedJob;
import dev.afterbay.client.wire.Json;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An import is stored while it comes, in groups, whatever its length. */
@Timeout(120)
final class ImportStreamTest extends HttpTest {

  private static final int BUDGET = 4 << 20;
  private static final int BODY_BYTES = 4_000;
  private static final int GROUP = 1_000;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final String HEAD =
      "POST /jobs/import HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n";

  /** All requests together may hold far less than one import of these tests has. */
  @Override
  Served open() {
    HttpApiSettings.Patience standard = HttpApiSettings.Patience.STANDARD;
    HttpApiSettings.Patience brief =
        new HttpApiSettings.Patience(
            standard.header(),
            PAUSE,
            standard.idle(),
            standard.answer(),
            standard.close(),
            standard.comment());
    return Served.open(s -> settings(s, brief, new HttpApiSettings.Bounds(100, BUDGET, 3)));
  }

  private static HttpApiSettings settings(
      HttpApiSettings of, HttpApiSettings.Patience patience, HttpApiSettings.Bounds bounds) {
    return new HttpApiSettings(of.main(), null, null, of.callers(), patience, bounds);
  }

  /** One that is known here no longer. */
  private Job failedJob(int bodyBytes) {
    Queue queue = served.engine.queue("q");
    JobId id = queue.send(Message.of("m", new byte[bodyBytes]));
    try (Receiver receiver = queue.receiver()) {
      receiver.receive(1, Duration.ZERO).forEach(each -> each.fail("no"));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    Job job = served.engine.jobs().orElseThrow().find(id).orElseThrow();
    served.engine.jobs().orElseThrow().delete(id);
    return job;
  }

  /** A line of an export. */
  private String line(int bodyBytes) {
    Moment now = served.engine.clock().now();
    byte[] lines =
        Json.writeLines(
            List.of(failedJob(bodyBytes)), (json, each) -> ExportedJob.write(json, each, now));
    return new String(lines, StandardCharsets.UTF_8);
  }

  /** The same with an id of its own. */
  private static String numbered(String line, int n) {
    return line.replaceFirst("(\"id\":\"[0-9a-f-]{24})[0-9a-f]{12}", "$1%012x".formatted(n));
  }

  private static String lines(String line, int from, int to) {
    StringBuilder all = new StringBuilder();
    IntStream.range(from, to).forEach(n -> all.append(numbered(line, n)));
    return all.toString();
  }

  private long failed() {
    return served.engine.queue("q").stats().failed();
  }

  private double bodyBytes() {
    return served.meters.get("afterbay.http.body").gauge().value();
  }

  private static byte[] chunk(String text) {
    String hex = Integer.toHexString(text.getBytes(StandardCharsets.UTF_8).length);
    return (hex + "\r\n" + text + "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void whatIsLargerThanTheMemoryForItIsImported(HttpClient.Version version) throws Exception {
    int count = 4_500;
    String line = line(BODY_BYTES);
    assertThat((long) count * line.length()).isGreaterThan(5L * BUDGET);
    try (HttpClient client = HttpClient.newBuilder().version(version).build()) {
      assertThat(post(client, stream(line, count))).isEqualTo("{\"imported\":4500,\"known\":0}");
      assertThat(failed()).isEqualTo(count);
      assertThat(post(client, stream(line, count))).isEqualTo("{\"imported\":0,\"known\":4500}");
    }
    assertThat(failed()).isEqualTo(count);
    Soon.until("the budget is given back", () -> bodyBytes() == 0);
  }

  private static InputStream stream(String line, int count) {
    Stream<InputStream> parts =
        IntStream.range(0, count)
            .mapToObj(n -> numbered(line, n).getBytes(StandardCharsets.UTF_8))
            .map(ByteArrayInputStream::new);
    return new SequenceInputStream(Collections.enumeration(parts.toList()));
  }

  private String post(HttpClient client, InputStream body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(served.uri() + "/jobs/import"))
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> body))
            .build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  @Test
  void whatCameBeforeACutIsStoredAndTheNextImportHasTheRest() throws Exception {
    String line = line(10);
    int count = 3 * GROUP + 10;
    try (RawClient client = new RawClient(served.port())) {
      client.send(HEAD).sendBytes(chunk(lines(line, 0, 2 * GROUP + 5) + "{\"id\":\"01"));
      Soon.until("two groups are stored", () -> failed() == 2 * GROUP);
    }
    Soon.until("the budget is given back", () -> bodyBytes() == 0);
    assertThat(failed()).isEqualTo(2 * GROUP);
    assertThat(http.post("/jobs/import", lines(line, 0, count)).text())
        .isEqualTo("{\"imported\":1010,\"known\":2000}");
    assertThat(failed()).isEqualTo(count);
  }

  @Test
  void fromTheGroupOfABadLineOnNothingIsStoredAndAllBadLinesAreTold() {
    String line = line(10);
    String bad = line.replace("\"kind\":\"FAILED\"", "\"kind\":\"MELTED\"");
    String all = lines(line, 0, GROUP + 1) + bad + lines(line, GROUP + 1, 3 * GROUP) + "\nnonsense";
    Http.Reply reply = http.post("/jobs/import", all);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo("detail");
    assertThat(reply.at("/detail"))
        .startsWith("line 1002: ")
        .endsWith("; what comes before line 1001 is stored, and nothing else");
    assertThat(reply.at("/imported")).isEqualTo("1000");
    assertThat(reply.at("/known")).isEqualTo("0");
    assertThat(reply.json().at("/lines").size()).isEqualTo(2);
    assertThat(reply.at("/lines/1/line")).isEqualTo("3003");
    assertThat(failed()).isEqualTo(GROUP);
    assertThat(http.post("/jobs/import", lines(line, 0, 3 * GROUP)).text())
        .isEqualTo("{\"imported\":2000,\"known\":1000}");
  }

  @Test
  void theLineThatTheBrokerRefusesIsNamed() {
    String line = line(10);
    String future =
        line.replaceFirst("\"id\":\"[^\"]+", "\"id\":\"ffffffff-ffff-7000-8000-000000000000");
    Http.Reply reply = http.post("/jobs/import", lines(line, 0, GROUP + 7) + future + line);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/lines/0/line")).isEqualTo("1008");
    assertThat(reply.at("/field")).isEqualTo("id");
    assertThat(failed()).isEqualTo(GROUP);
  }

  @Test
  void ofManyBadLinesTheFirstHundredAreTold() {
    Http.Reply reply = http.post("/jobs/import", "{}\n".repeat(50_000));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/lines").size()).isEqualTo(100);
    assertThat(reply.at("/detail")).startsWith("line 1: ").endsWith("; nothing was stored");
  }

  @Test
  void aLineHasALimit() {
    String line = line(10);
    String most = line.replace("\"body_base64\":\"", "\"body_base64\":\"" + "A".repeat(BUDGET));
    Http.Reply reply = http.post("/jobs/import", line + most + line);
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.at("/detail")).startsWith("line 2: a line must have at most ");
    assertThat(reply.at("/lines/0/line")).isEqualTo("2");
    assertThat(failed()).isZero();
  }

  @Test
  void aLineIsOneHoweverItsBytesCome() throws Exception {
    String all = lines(line(10), 0, 3).stripTrailing();
    try (RawClient client = new RawClient(served.port())) {
      client.send(HEAD);
      for (String each : all.split("(?<=\\G.{7})", -1)) {
        if (!each.isEmpty()) {
          client.sendBytes(chunk(each));
        }
      }
      client.sendBytes("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertThat(client.read().body()).isEqualTo("{\"imported\":3,\"known\":0}");
      client.send("GET /version HTTP/1.1\nHost: localhost\n\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
  }

  @Test
  void aClientThatPausesTooLongIsCutOff() throws Exception {
    String line = line(10);
    try (RawClient client = new RawClient(served.port())) {
      client.send(HEAD).sendBytes(chunk(lines(line, 0, GROUP + 1)));
      assertThat(client.isClosed()).isTrue();
    }
    assertThat(failed()).isEqualTo(GROUP);
    Soon.until("the budget is given back", () -> bodyBytes() == 0);
  }

  @Test
  void aServerThatStopsSaysWhatIsStored() throws Exception {
    String line = line(10);
    try (RawClient client = new RawClient(served.port())) {
      client.send(HEAD).sendBytes(chunk(lines(line, 0, GROUP + 1)));
      Soon.until("a group is stored", () -> failed() == GROUP);
      CompletableFuture<Void> closed = CompletableFuture.runAsync(served.api::close);
      RawClient.Reply reply = client.read();
      assertThat(reply.status()).isEqualTo(500);
      assertThat(reply.body())
          .contains(
              "outcome-unknown", "what comes before line 1001 is stored", "\"imported\":1000");
      closed.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void noMoreStreamsThanAllowedAreRead() {
    HttpApiSettings.Bounds one = new HttpApiSettings.Bounds(100, BUDGET, 1);
    try (Served patient = Served.open(s -> settings(s, HttpApiSettings.Patience.STANDARD, one));
        RawClient first = new RawClient(patient.port());
        Http second = new Http(patient)) {
      first.send(HEAD);
      Soon.until("it holds the place", () -> second.post("/jobs/import", "{}").status() == 503);
    }
  }

  @Test
  void whatTheJavaClientRestoresIsAllOrNone() {
    List<Job> tooMany = Collections.nCopies(GROUP + 1, failedJob(10));
    try (HttpBroker broker = served.broker()) {
      assertThatExceptionOfType(BrokerException.Rejected.class)
          .isThrownBy(() -> broker.jobs().orElseThrow().restore(tooMany))
          .matches(BrokerException.Rejected::tooLarge);
      assertThat(failed()).isZero();
      assertThat(broker.jobs().orElseThrow().restore(tooMany.subList(0, 2))).isEqualTo(1);
    }
  }
}
