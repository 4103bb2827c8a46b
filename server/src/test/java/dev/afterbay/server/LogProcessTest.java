package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.server.TestServer.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The log of the process, in JVMs of their own. */
@Timeout(60)
final class LogProcessTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  /** Becomes a command whose standard error is a pipe that is full from the beginning. */
  private static final List<String> UNREAD_ERROR =
      List.of(
          "sh",
          "-c",
          "exec 4<>pipe; dd if=/dev/zero of=pipe oflag=nonblock bs=4096 2>&-; exec \"$@\" 2>pipe",
          "sh");

  @TempDir private Path folder;

  @Test
  void allLinesAreInTheFormatOfTheFileAlsoThoseBeforeItIsRead() throws Exception {
    Files.writeString(
        folder.resolve("afterbay.yaml"), "{store: memory, log: {format: json, level: debug}}");
    Map<String, String> environment =
        Map.of("PORT", "0", "AFTERBAY_PORT_8080_TCP", "tcp://10.96.7.1:8080");
    try (TestServer server = TestServer.start(folder, environment, List.of(), "serve").ready()) {
      List<JsonNode> lines = server.stop().err().stream().map(MAPPER::readTree).toList();
      assertThat(lines)
          .extracting(line -> line.path("message").asString())
          .anyMatch(message -> message.startsWith("http.port is 0"))
          .anyMatch(message -> message.contains("AFTERBAY_PORT_8080_TCP"))
          .anyMatch(message -> message.startsWith("starting"))
          .contains("stopped");
      assertThat(lines)
          .allMatch(line -> line.path("@timestamp").asString().endsWith("Z"))
          .anyMatch(line -> line.path("log.level").asString().equals("DEBUG"));
    }
  }

  @Test
  void theFileHasAllLinesAndStandardErrorNone() throws Exception {
    try (TestServer server =
        TestServer.start(
                folder,
                Map.of("PORT", "0", "AFTERBAY_LOG_FILE", "a.log"),
                List.of(),
                "serve",
                "--set",
                "store=memory")
            .ready()) {
      assertThat(server.stop().err()).isEmpty();
    }
    assertThat(Files.readAllLines(folder.resolve("a.log")))
        .anyMatch(line -> line.contains("http.port is 0"))
        .last()
        .asString()
        .endsWith("INFO Server: stopped");
  }

  @Test
  void whatWasLoggedBeforeAWrongValueIsNotLost() throws Exception {
    Files.writeString(folder.resolve("afterbay.yaml"), "{log: {level: loud}}");
    try (TestServer server = TestServer.start(folder, Map.of("PORT", "0"), List.of(), "serve")) {
      Ended ended = server.end();
      assertThat(ended.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(ended.err()).hasSize(2);
      assertThat(ended.err().getFirst()).contains("http.port is 0");
      assertThat(ended.err().getLast())
          .isEqualTo("afterbay: log.level: loud: must be one of error, warn, info, debug, trace");
    }
  }

  @Test
  void aLogFolderThatIsMissingStopsTheStart() throws Exception {
    Ended ended = TestServer.run(folder, "serve", "--set", "log.file=no/a.log");
    assertThat(ended.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(ended.err()).hasSize(1);
    assertThat(ended.err().getFirst())
        .startsWith("afterbay: log.file: no/a.log: must be a file that can be written")
        .contains(folder.resolve("no").toString());
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void aLogFileThatIsAPipeStopsTheStart() throws Exception {
    assumeTrue(isPipeMade());
    Ended ended = TestServer.run(folder, "serve", "--set", "log.file=pipe");
    assertThat(ended.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(ended.err()).hasSize(1);
    assertThat(ended.err().getFirst())
        .startsWith("afterbay: log.file: pipe: must be a file that can be written")
        .contains(folder.resolve("pipe") + " is a pipe: name a file");
  }

  @Test
  void theDeviceOfStandardErrorIsAFileForTheLog() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/stderr")));
    try (TestServer server =
        TestServer.start(
                folder,
                "serve",
                "--port",
                "0",
                "--set",
                "store=memory",
                "--set",
                "log.file=/dev/stderr")
            .ready()) {
      assertThat(server.stop().err()).last().asString().endsWith("INFO Server: stopped");
    }
  }

  @Test
  void aDiskThatIsFullStopsNothing() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")));
    try (TestServer server =
        TestServer.start(
                folder,
                "serve",
                "--port",
                "0",
                "--set",
                "store=memory",
                "--set",
                "log.file=/dev/full")
            .ready()) {
      assertThat(server.post("/queues/q/messages", "a").statusCode()).isEqualTo(201);
      List<String> log = server.stop().err();
      assertThat(log)
          .filteredOn(line -> line.contains("/dev/full cannot be written"))
          .as("said once")
          .hasSize(1);
      assertThat(log).last().asString().endsWith("stopped");
    }
  }

  @Test
  void aFileThatFillsIsRotated() throws Exception {
    List<String> settings =
        List.of("store=memory", "log.file=a.log", "log.file_size=64KiB", "log.files=2");
    List<String> command = new ArrayList<>(List.of("serve", "--port", "0"));
    settings.forEach(setting -> command.addAll(List.of("--set", setting)));
    command.addAll(List.of("--set", "log.messages=true"));
    try (TestServer server = TestServer.start(folder, command.toArray(String[]::new)).ready()) {
      String batch = "{\"body\":\"x\"}\n".repeat(1_000);
      assertThat(server.post("/queues/q/messages/batch", batch).statusCode()).isEqualTo(201);
      assertThat(server.stop().err()).isEmpty();
    }
    assertThat(folder.resolve("a.log.1")).exists();
    assertThat(folder.resolve("a.log.2")).doesNotExist();
    assertThat(Files.size(folder.resolve("a.log.1"))).isLessThanOrEqualTo(64 << 10);
  }

  /** As when whatever collects the log is stuck. */
  @Test
  void standardErrorThatNobodyReadsStopsNothing() throws Exception {
    assumeTrue(isPipeMade());
    try (TestServer server =
        TestServer.start(
                folder,
                Map.of(),
                List.of(),
                UNREAD_ERROR,
                "serve",
                "--port",
                "0",
                "--set",
                "store=memory",
                "--set",
                "log.messages=true")
            .ready()) {
      for (int i = 0; i < 20; i++) {
        assertThat(server.post("/queues/q/messages", "a").statusCode()).isEqualTo(201);
        assertThat(server.post("/queues/q/pause", "").statusCode()).isEqualTo(200);
      }
      assertThat(server.stop().exitCode()).isEqualTo(ExitCode.STOPPED);
    }
  }

  @Test
  void aStartThatFailsEndsAlsoWhereNobodyReadsWhy() throws Exception {
    assumeTrue(isPipeMade());
    try (TestServer server =
        TestServer.start(folder, Map.of(), List.of(), UNREAD_ERROR, "serve", "--set", "no=1")) {
      assertThat(server.end().exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    }
  }

  private boolean isPipeMade() throws Exception {
    Path pipe = folder.resolve("pipe");
    return new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0;
  }
}
