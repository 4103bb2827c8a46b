package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.Message;
import dev.afterbay.Receiver;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Exports and imports of jobs that ended. */
final class ArchiveRoutesTest extends HttpTest {

  private final AtomicBoolean broken = new AtomicBoolean();

  /** What an export asks for with each page fails once it is broken. */
  @Override
  Served open() {
    return Served.with(services ->
        new HttpApiServices(
            services.broker(),
            () -> {
              if (broken.get() && Thread.currentThread().isVirtual()) {
                throw new BrokerException.Unavailable("broken");
              }
              return services.clock().get();
            },
            services.defaults(),
            services.health(),
            services.types(),
            services.meters(),
            services.scrape(),
            services.version(),
            services.sns()));
  }

  private List<String> fail(int count, String body) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(message("q", body + i));
      settle("q", receive("q", 1).getFirst(), "\"fail\",\"reason\":\"no \\\"" + i + "\\\"\"");
    }
    return ids;
  }

  private String export() {
    Http.Reply reply = http.get("/jobs/export?status=failed&queue=q");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("Content-Type")).hasValue("application/x-ndjson");
    return reply.text();
  }

  @Test
  void anExportShowsWhatAJobShows() {
    String id = fail(1, "body").getFirst();
    JsonNode shown = http.get("/jobs/" + id + "?include=payload,history,detail").json();
    Http.Reply exported = http.get("/jobs/export?status=failed&queue=q");
    assertThat(exported.json()).isEqualTo(shown);
    assertThat(shown.at("/max_attempts").asInt()).isEqualTo(3);
  }

  private Http.Reply restore(String lines) {
    return http.post("/jobs/import", lines);
  }

  @Test
  void whatWasExportedComesBackAsItWas() {
    List<String> ids = fail(3, "\u00e9 \u0000");
    String shown = http.get("/jobs/" + ids.get(1)).text();
    String lines = export();
    assertThat(lines.lines()).hasSize(3);
    assertThat(http.post("/queues/q/purge?status=failed").at("/affected")).isEqualTo("3");
    assertThat(restore(lines).text()).isEqualTo("{\"imported\":3,\"known\":0}");
    assertThat(http.get("/jobs/" + ids.get(1)).text()).isEqualTo(shown);
    assertThat(withoutPlace(export())).isEqualTo(withoutPlace(lines));
    assertThat(restore(lines).text()).isEqualTo("{\"imported\":0,\"known\":3}");
    assertThat(http.get("/queues/q").at("/failed")).isEqualTo("3");
    assertThat(http.get("/queues/q/dead/stats").at("/total")).isEqualTo("3");
    assertThat(http.post("/jobs/" + ids.get(0) + "/redrive").at("/status")).isEqualTo("pending");
    assertThat(receive("q", 10)).hasSize(1);
  }

  /** A place in the order of acceptance is the store's to give. */
  private static String withoutPlace(String lines) {
    return lines.replaceAll("\"seq\":[0-9]+", "");
  }

  @Test
  void anIdThatIsKnownStaysAsItIs() {
    List<String> ids = fail(2, "x");
    String lines = export();
    http.post("/jobs/" + ids.get(0) + "/redrive");
    http.delete("/jobs/" + ids.get(1));
    String elsewhere = lines.replace("\"queue\":\"q\"", "\"queue\":\"other\"");
    assertThat(restore(elsewhere + lines).text()).isEqualTo("{\"imported\":1,\"known\":3}");
    assertThat(http.get("/jobs/" + ids.get(0)).at("/status")).isEqualTo("pending");
    assertThat(http.get("/jobs/" + ids.get(0)).at("/queue")).isEqualTo("q");
    assertThat(http.get("/jobs/" + ids.get(1)).at("/queue")).isEqualTo("other");
    assertThat(http.get("/queues/other").at("/failed")).isEqualTo("1");
  }

  @Test
  void aBadLineIsNamedAndNothingIsStored() {
    fail(2, "x");
    String lines = export();
    http.post("/queues/q/purge?status=failed");
    String good = lines.lines().findFirst().orElseThrow();
    String bad = lines.lines().skip(1).findFirst().orElseThrow();
    refused(good + "\n{\"id\":", "body", "line 2: ");
    refused(
        good + "\n\n" + bad.replace("\"kind\":\"FAILED\"", "\"kind\":\"MELTED\""),
        "detail",
        "line 3: detail has a word that is not known: MELTED");
    refused(
        good + "\n" + bad.replace("\"detail\":", "\"details\":"),
        "details",
        "line 2: unknown field");
    refused(good + "\n" + bad.replaceAll(",\"detail\":.*", "}"), "detail", "line 2: detail must");
    refused(
        good + "\n" + bad.replaceAll("\"version\":[0-9]+", "\"version\":-1"),
        "version",
        "line 2: ");
    refused(good + "\n" + bad.replaceAll("\"id\":\"[^\"]+\"", "\"id\":\"x\""), "id", "line 2: ");
    refused(
        good
            + "\n"
            + bad.replaceAll(
                "\"id\":\"[^\"]+\"", "\"id\":\"ffffffff-ffff-7000-8000-000000000000\""),
        "id",
        "future");
    refused(
        good + "\n" + bad.replaceAll("\"created_at\":\"2", "\"created_at\":\"9"),
        "created_at",
        "1970 to now");
    refused(
        good + "\n" + bad.replaceAll("\"queue\":\"q\"", "\"queue\":\"a/b\""),
        "queue",
        "queue must be");
    refused(
        good
            + "\n"
            + bad.replace("\"detail\":{\"content_type\":\"", "\"detail\":{\"content_type\":\"a "),
        "detail.content_type",
        "line 2: detail.content_type must be a media type");
    assertThat(http.get("/jobs?queue=q").json().at("/jobs").size()).isZero();
    assertThat(restore(lines).at("/imported")).isEqualTo("2");
  }

  private void refused(String lines, String field, String detail) {
    Http.Reply reply = restore(lines);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).as(reply.text()).endsWith(field);
    assertThat(reply.at("/detail")).contains(detail);
  }

  @Test
  void whatHasNotEndedIsNotImported() {
    String id = message("q", "x");
    String shown = http.get("/jobs/" + id + "?include=payload,history,detail").text();
    refused(shown, "status", "job " + id + " is pending");
    receive("q", 1);
    shown = http.get("/jobs/" + id + "?include=payload,history,detail").text();
    refused(shown, "status", "job " + id + " is processing");
    assertThat(http.get("/jobs/export?status=pending").at("/field")).isEqualTo("status");
    assertThat(http.get("/jobs/export").at("/field")).isEqualTo("status");
  }

  @Test
  void whatIsAllOrNoneHasTheLimitsOfABatch() {
    fail(1, "x");
    String line = export();
    Http.Reply reply = http.post("/jobs/import?all_or_none=true", line.repeat(1_001));
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.at("/detail")).contains("at most 1000 lines", "nothing was stored");
    assertThat(http.post("/jobs/import?all_or_none=true", line.repeat(1_000)).at("/known"))
        .isEqualTo("1000");
    assertThat(restore(line.repeat(1_001)).at("/known")).isEqualTo("1001");
  }

  @Test
  void aJobOfAnImportIsNoLargerThanOneThatIsSent() {
    fail(1, "x");
    String line = export();
    String body = "A".repeat(2 << 20);
    String large =
        line.replaceAll("\"body_base64\":\"[^\"]*\"", "\"body_base64\":\"" + body + "\"");
    Http.Reply reply = restore(large);
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.at("/detail")).contains("line 1: body is 1572864 B");
    String much = large.replace(body, "A".repeat(64 << 20));
    assertThat(restore(much).status()).isEqualTo(413);
  }

  @Test
  void anExportIsWholeOverManyPages() {
    fail(0, "");
    int count = 450;
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(Message.of("m", new byte[20_000]));
    }
    served.engine.queue("q").send(messages.subList(0, 225));
    served.engine.queue("q").send(messages.subList(225, count));
    failAll(count);
    List<String> lines = export().lines().toList();
    assertThat(lines).hasSize(count).doesNotHaveDuplicates();
    assertThat(lines).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
    assertThat(http.call("HEAD", "/jobs/export?status=failed", null).status()).isEqualTo(200);
    assertThat(http.get("/jobs/export?status=failed&type=none").text()).isEmpty();
  }

  private void failAll(int count) {
    try (Receiver receiver = served.engine.queue("q").receiver()) {
      int left = count;
      while (left > 0) {
        var some = receiver.receive(100, Duration.ZERO);
        some.forEach(each -> each.fail("no"));
        left -= some.size();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anExportThatBreaksOffHasNoEnd() throws Exception {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      messages.add(Message.of("m", new byte[400_000]));
    }
    served.engine.queue("q").send(messages);
    failAll(40);
    byte[] head =
        "GET /jobs/export?status=failed HTTP/1.1\r\nHost: localhost\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = new Socket("localhost", served.uri().getPort())) {
      socket.getOutputStream().write(head);
      InputStream in = socket.getInputStream();
      assertThat(in.readNBytes(15))
          .asString(StandardCharsets.US_ASCII)
          .isEqualTo("HTTP/1.1 200 OK");
      broken.set(true); // In the middle: nobody has read on.
      String rest = readAll(in);
      assertThat(rest).doesNotEndWith("\r\n0\r\n\r\n");
    }
  }

  private static String readAll(InputStream in) {
    StringBuilder all = new StringBuilder();
    try {
      byte[] some = new byte[8_192];
      for (int n = in.read(some); n >= 0; n = in.read(some)) {
        all.append(new String(some, 0, n, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException _) {
      // Reset: that is an end, too, which no client takes for the last chunk.
    }
    return all.toString();
  }

  /** As from a queue that had nothing, so that a script need not look at what it hands on. */
  @Test
  void anExportOfNothingIsImported() {
    for (String path : List.of("/jobs/import", "/jobs/import?all_or_none=true")) {
      for (String nothing : Arrays.asList("", "\n \r\n", null)) {
        Http.Reply reply = http.post(path, nothing);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("{\"imported\":0,\"known\":0}");
      }
    }
  }
}
