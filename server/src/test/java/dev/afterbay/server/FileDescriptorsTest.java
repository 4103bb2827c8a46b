package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections never take what the store needs. */
@Timeout(120)
final class FileDescriptorsTest {
  private static final int LIMIT = 320;
  private static final int BODY_BYTES = 900_000;

  @TempDir private Path folder;

  @Test
  void connectionsGetWhatTheOthersLeave() throws IOException {
    Config memory = config("store: memory");
    assertThat(new FileDescriptors(1_024, 2, 40).connections(20_000, memory)).isEqualTo(932);
    assertThat(new FileDescriptors(65_536, 2, 40).connections(20_000, memory)).isEqualTo(20_000);
    Config busy =
        config(
            "{store: memory, workers: [{queue: q, concurrency: 100, http: {url: 'http://h/'}}]}");
    assertThat(new FileDescriptors(1_024, 2, 40).connections(20_000, busy)).isEqualTo(829);
    Config standard = config("");
    assertThat(new FileDescriptors(30_000, 2, 40).connections(20_000, standard)).isEqualTo(20_000);
    assertThat(new FileDescriptors(1_500, 2, 40).connections(20_000, standard)).isLessThan(1_400);
  }

  @Test
  void aLimitThatLeavesHardlyAnyIsRefused() throws IOException {
    Config memory = config("store: memory");
    assertThat(new FileDescriptors(108, 2, 40).connections(20_000, memory)).isEqualTo(16);
    assertThatThrownBy(() -> new FileDescriptors(107, 2, 40).connections(20_000, memory))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("open files (ulimit -n, LimitNOFILE): 107: must be at least 108");
  }

  /** Of the limit that is named, the store would set aside a quarter, so it must be worked out. */
  @Test
  void theLimitThatIsNamedIsTheLeastThatIsEnough() throws IOException {
    List<Config> configs =
        List.of(
            config("store: memory"),
            config(""),
            config("workers: [{queue: q, concurrency: 100, http: {url: 'http://h/'}}]"),
            config("workers: [{queue: q, concurrency: 5000, http: {url: 'http://h/'}}]"));
    for (Config config : configs) {
      int refused = 0;
      for (int limit = 0; limit < 9_000; limit++) {
        long named = named(limit, config);
        if (named != limit) {
          refused++;
          assertThat(named(named, config)).as("named for " + limit).isEqualTo(named);
          assertThat(named(named - 1, config)).as("one less").isEqualTo(named);
        }
      }
      assertThat(refused).isBetween(100, 8_000);
    }
  }

  /** The limit itself: it is accepted. */
  private static long named(long limit, Config config) {
    try {
      new FileDescriptors(limit, 2, 81).connections(20_000, config);
      return limit;
    } catch (ConfigException e) {
      Matcher named = Pattern.compile("must be at least (\\d+):").matcher(e.getMessage());
      assertThat(named.find()).as(e.getMessage()).isTrue();
      return Long.parseLong(named.group(1));
    }
  }

  /** With fewer even the libraries that write the log cannot be opened. */
  @ParameterizedTest
  @ValueSource(ints = {20, 30, 50, OpenFileLimit.LEAST - 1})
  void aLimitWithWhichTheProgramCannotEvenSpeakIsRefusedAsConfiguration(int limit)
      throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "the limit is set by a shell");
    try (TestServer server =
        TestServer.start(
            folder,
            Map.of(),
            List.of(),
            List.of("/bin/sh", "-c", "ulimit -n " + limit + " && exec \"$@\"", "sh"),
            "serve",
            "--port",
            "0")) {
      TestServer.Ended ended = server.end();
      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(ended.err())
          .containsExactly(
              "afterbay: open files (ulimit -n, LimitNOFILE): "
                  + limit
                  + ": too few to begin with: allow 1024");
    }
  }

  /** What that line says is enough. */
  @Test
  void aThousandAreEnoughUnlessThereAreManyWorkers() throws IOException {
    assertThat(new FileDescriptors(OpenFileLimit.ENOUGH, 64, 120).connections(9_999, config("")))
        .isGreaterThan(100);
  }

  @Test
  void theStoreGoesOnWhileConnectionsUseUpWhatTheyMay() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "the limit is set by a shell");
    List<Socket> others = new ArrayList<>();
    try (TestServer server =
            TestServer.start(
                    folder,
                    Map.of(),
                    List.of(),
                    List.of("/bin/sh", "-c", "ulimit -n " + LIMIT + " && exec \"$@\"", "sh"),
                    "serve",
                    "--port",
                    "0")
                .ready();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      URI url = URI.create(server.url() + "/queues/q/messages");
      assertThat(send(client, url)).isEqualTo(201);
      for (int i = 0; i < LIMIT; i++) {
        Socket other = new Socket();
        others.add(other);
        other.connect(new InetSocketAddress(url.getHost(), url.getPort()), 1_000);
      }
      // More than a buffer holds, so the store writes files, and opens them.
      for (int i = 0; i < 60; i++) {
        assertThat(send(client, url)).as("message " + i).isEqualTo(201);
      }
      for (Socket other : others) {
        other.close();
      }
      awaitReady(server);
      assertThat(server.stop().err())
          .anyMatch(line -> line.matches(".* up to \\d+ connections: " + LIMIT + " files .*"));
    }
  }

  /** One more connection is closed by the server until it has seen that the others are closed. */
  private static void awaitReady(TestServer server) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (true) {
      try {
        assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
        return;
      } catch (IOException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
      }
    }
  }

  private static int send(HttpClient client, URI url) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(Duration.ofSeconds(20))
            .POST(BodyPublishers.ofByteArray(new byte[BODY_BYTES]))
            .build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  private Config config(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("afterbay.yaml"), yaml);
    Config config = ConfigReader.read(file, new Overrides(Map.of(), Map.of()));
    Files.delete(file);
    return config;
  }
}
