package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.server.TestServer.Ended;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of the process (config.md, Process), in JVMs of their own. */
@Timeout(60)
final class ProcessTest {
  @TempDir private Path folder;

  @Test
  void whatItTookIsKeptThroughAStopAndAKill() throws Exception {
    String first;
    String second;
    try (TestServer server = TestServer.start(folder, "serve", "--port", "0").ready()) {
      assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
      first = post(server);
      Ended ended = server.stop();
      assertThat(ended.exitCode()).as(ended.toString()).isZero();
      assertThat(ended.out()).as("nothing but the ready line").isEmpty();
    }
    try (TestServer server = TestServer.start(folder, "serve", "--port", "0").ready()) {
      second = post(server);
      server.kill();
    }
    try (TestServer server = TestServer.start(folder, "serve", "--port", "0").ready()) {
      assertThat(server.get("/jobs/" + first).body()).contains("\"greet\"");
      assertThat(server.get("/jobs/" + second).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anUnpackedLibraryIsKeptAndFoundAgain() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/maps")), "what is loaded can be seen");
    Path kept = folder.resolve("kept");
    for (String option : List.of("-Dafterbay.native.kept=", "-Djava.library.path=")) {
      try (TestServer server =
          TestServer.start(folder, Map.of(), List.of(option + kept), "serve", "--port", "0")
              .ready()) {
        assertThat(server.maps().contains(kept.toString()))
            .as(option)
            .isEqualTo(option.contains("library.path"));
      }
    }
    Path none = folder.resolve("none"); // Within the folder: root's server may well make it.
    List<String> nowhere = List.of("-Djava.library.path=" + kept, "-Djava.io.tmpdir=" + none);
    try (TestServer server =
        TestServer.start(folder, Map.of(), nowhere, "serve", "--port", "0").ready()) {
      assertThat(server.maps()).contains(kept.toString());
    }
  }

  @Test
  void aSecondServerOnTheSameFolderExitsWithThree() throws Exception {
    try (TestServer _ = TestServer.start(folder, "serve", "--port", "0").ready()) {
      Ended second = TestServer.run(folder, "serve", "--port", "0");
      assertThat(second.exitCode()).as(second.toString()).isEqualTo(ExitCode.DIRECTORY_IN_USE);
      assertThat(second.out()).isEmpty();
      assertThat(second.err().getLast()).contains("data is used by another process");
    }
  }

  @Test
  void aPortInUseExitsWithOneAndNamesIt() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Ended ended = TestServer.run(folder, "serve", "--port", port);
      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(ExitCode.FAILED);
      assertThat(ended.err().getLast()).startsWith("afterbay: ").contains(port);
    }
  }

  @Test
  void aDamagedStoreExitsWithFourAndCanBeRepaired() throws Exception {
    String id;
    try (TestServer server = TestServer.start(folder, "serve", "--port", "0").ready()) {
      id = post(server);
      server.stop();
    }
    Path mark = folder.resolve("data").resolve("mark");
    Files.write(mark, new byte[(int) Files.size(mark)]);
    Ended ended = TestServer.run(folder, "serve", "--port", "0");
    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(ExitCode.STORE_DAMAGED);
    assertThat(ended.err().getLast()).contains("mark").contains("afterbay repair");

    Ended verified = TestServer.run(folder, "verify", "--data", "data");
    assertThat(verified.exitCode()).as(verified.toString()).isEqualTo(ExitCode.STORE_DAMAGED);
    assertThat(String.join("\n", verified.out())).contains("damage: ").contains("mark");
    Ended repaired = TestServer.run(folder, "repair", "--data", "data", "--to", "saved");
    assertThat(repaired.exitCode()).as(repaired.toString()).isZero();
    Ended sound = TestServer.run(folder, "verify", "--data", "saved");
    assertThat(sound.exitCode()).as(sound.toString()).isZero();
    try (TestServer server =
        TestServer.start(folder, "serve", "--port", "0", "--data", "saved").ready()) {
      assertThat(server.get("/jobs/" + id).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void whatARepairDidNotCompleteExitsWithFour() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("format"), "afterbay repair, not complete\n");

    Ended ended = TestServer.run(folder, "serve", "--port", "0");

    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(ExitCode.STORE_DAMAGED);
    assertThat(ended.err().getLast()).contains("is not complete").contains("afterbay repair");
  }

  @Test
  void aFloodOfWhatIsRefusedIsCountedAndDoesNotFillTheLog() throws Exception {
    try (TestServer server =
        TestServer.start(folder, "serve", "--port", "0", "--set", "store=memory").ready()) {
      for (int i = 0; i < 50; i++) {
        assertThat(server.post("/sns/nobody", "{}").statusCode()).isEqualTo(404);
      }
      assertThat(server.get("/metrics").body())
          .contains("afterbay_sns_requests_total{outcome=\"unknown-path\"} 50.0");
      Ended ended = server.stop();
      assertThat(ended.err().stream().filter(line -> line.contains("/sns/nobody")))
          .as("10 in a minute")
          .hasSizeBetween(10, 20);
    }
  }

  @Test
  void whoeverBreaksTheProtocolDoesNotWriteToTheLog() throws Exception {
    String http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    try (TestServer server =
        TestServer.start(folder, "serve", "--port", "0", "--set", "store=memory").ready()) {
      for (String broken : List.of("\u0016\u0003\u0001\u0002", http2 + "no frame at all")) {
        server.breakOff(broken);
      }
      List<String> log = server.stop().err();
      assertThat(log).noneMatch(line -> line.contains(" ERROR ") || line.contains(" WARN "));
    }
  }

  @Test
  void aStopDuringTheStartExitsWithZero() throws Exception {
    try (TestServer server = TestServer.start(folder, "serve", "--port", "0")) {
      server.awaitLog("starting");
      Ended ended = server.stop();
      assertThat(ended.exitCode()).as(ended.toString()).isZero();
    }
  }

  @Test
  void aWrongValueExitsWithTwoAndOneLine() throws Exception {
    Files.writeString(folder.resolve("afterbay.yaml"), "http: {port: 80a}");
    Ended ended = TestServer.run(folder, "serve");
    assertThat(ended.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(ended.err())
        .containsExactly("afterbay: http.port: 80a: must be a whole number, 0 to 65535");
    assertThat(ended.out()).isEmpty();
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void aWrongOptionExitsWithTwoAndOneLine() throws Exception {
    Ended ended = TestServer.run(folder, "serve", "--prot", "1");
    assertThat(ended.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(ended.err()).hasSize(1);
    assertThat(ended.err().getFirst()).contains("--prot").contains("afterbay serve --help");
  }

  @Test
  void helpNamesTheCommandsAndTheOptionsWithTheirDefaults() throws Exception {
    Ended program = TestServer.run(folder, "--help");
    assertThat(program.exitCode()).as(program.toString()).isZero();
    assertThat(program.err()).isEmpty();
    assertThat(program.out())
        .contains("Usage: afterbay COMMAND [OPTION]...")
        .anyMatch(line -> line.matches(" +torture +Kills servers .*"));
    Ended serve = TestServer.run(folder, "serve", "--help");
    assertThat(serve.exitCode()).as(serve.toString()).isZero();
    assertThat(serve.out()).anyMatch(line -> line.matches(" +--port=PORT .*; default: 8080."));
    Ended repair = TestServer.run(folder, "repair", "-h");
    assertThat(repair.out()).contains("Usage: afterbay repair --data=DIR --to=DIR");
  }

  @Test
  void optionsAndVariablesAreHeeded() throws Exception {
    Map<String, String> environment =
        Map.of(
            "AFTERBAY_STORE", "memory", "AFTERBAY_HTTP_PORT", "1", "AFTERBAY_LOG_LEVEL", "error");
    try (TestServer server =
        TestServer.start(
                folder, environment, List.of(), "serve", "--port", "0", "--set", "limits.body=1KiB")
            .ready()) {
      assertThat(server.post("/queues/q/messages", "x".repeat(1_025)).statusCode()).isEqualTo(413);
      Ended ended = server.stop();
      assertThat(ended.exitCode()).isZero();
      assertThat(ended.err()).isEmpty();
    }
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void variablesOfAServiceOfTheSameNameDoNotStopTheStart() throws Exception {
    Map<String, String> environment =
        Map.of(
            "AFTERBAY_STORE", "memory",
            "AFTERBAY_PORT_8080_TCP", "tcp://10.96.7.1:8080",
            "AFTERBAY_NAME", "/web/afterbay",
            "AFTERBAY_ENV_FOO", "x",
            "AFTERBAY_HTTP_PORT", "tcp://10.96.7.2:8080");
    try (TestServer server =
        TestServer.start(folder, environment, List.of(), "serve", "--set", "http.port=0").ready()) {
      assertThat(server.stop().err())
          .filteredOn(line -> line.contains("AFTERBAY"))
          .singleElement()
          .asString()
          .endsWith(
              "for a service: AFTERBAY_ENV_FOO, AFTERBAY_HTTP_PORT, AFTERBAY_NAME,"
                  + " AFTERBAY_PORT_8080_TCP");
    }
  }

  @Test
  void aCommandPrintsItsOutputAndNothingElse() throws Exception {
    Ended version = TestServer.run(folder, "--version");
    assertThat(version.out()).hasSize(1);
    assertThat(version.out().getFirst()).startsWith("afterbay ");
    Ended policy = TestServer.run(folder, "sns", "policy");
    assertThat(policy.exitCode()).isZero();
    assertThat(String.join("", policy.out())).startsWith("{").contains("\"numRetries\": 60");
    assertThat(policy.err()).isEmpty();
  }

  @Test
  void theDemoShowsThatNothingIsLost() throws Exception {
    Ended demo = TestServer.run(folder, "demo");
    assertThat(demo.exitCode()).as(demo.toString()).isZero();
    assertThat(demo.err()).isEmpty();
    assertThat(demo.out()).contains("Nothing was lost.");
  }

  private static String post(TestServer server) throws IOException, InterruptedException {
    String job = server.post("/jobs", "{\"job_type\":\"greet\",\"payload\":{\"to\":1}}").body();
    return job.replaceFirst(".*?\"id\":\\s*\"([^\"]+)\".*", "$1");
  }
}
