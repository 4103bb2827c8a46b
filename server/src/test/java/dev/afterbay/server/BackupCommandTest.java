package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.server.TestServer.Ended;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups and restores by the command line. */
@Timeout(300)
final class BackupCommandTest {

  /** Passes before the proxy halts: more than one block, less than the backup. */
  private static final long PASSED = 200 << 10;

  @TempDir private Path folder;

  @Test
  void aRunningServerIsBackedUpUnderLoadAndRestored() throws Exception {
    List<String> before;
    try (TestServer server = serve()) {
      ConcurrentLinkedQueue<String> confirmed = new ConcurrentLinkedQueue<>();
      AtomicBoolean stop = new AtomicBoolean();
      CountDownLatch some = new CountDownLatch(100);
      Thread sender = Thread.startVirtualThread(() -> post(server, confirmed, some, stop));
      assertThat(some.await(60, TimeUnit.SECONDS)).isTrue();
      before = List.copyOf(confirmed);
      succeeds("backup", "--to", "one.backup", "--url", server.url());
      stop.set(true);
      sender.join();
    }
    assertThat(folder.resolve("one.backup.partial")).doesNotExist();
    Ended restored = succeeds("restore", "--from", "one.backup", "--data", "restored");
    assertThat(restored.out())
        .anyMatch(line -> line.startsWith("queue default: "))
        .contains("sound: serve with --data restored");
    try (TestServer server =
        TestServer.start(folder, "serve", "--port", "0", "--data", "restored").ready()) {
      for (String id : before) {
        assertThat(server.get("/jobs/" + id).statusCode()).isEqualTo(200);
      }
    }
  }

  private static void post(
      TestServer server,
      ConcurrentLinkedQueue<String> confirmed,
      CountDownLatch some,
      AtomicBoolean stop) {
    try {
      while (!stop.get()) {
        confirmed.add(post(server));
        some.countDown();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String post(TestServer server) throws IOException, InterruptedException {
    String job = server.post("/jobs", "{\"job_type\":\"greet\",\"payload\":{\"to\":1}}").body();
    return job.replaceFirst(".*?\"id\":\\s*\"([^\"]+)\".*", "$1");
  }

  @Test
  void aCommandThatIsKilledLeavesNoBackupAndTheNextOneMakesIt() throws Exception {
    try (TestServer server = filled();
        HaltingProxy proxy = HaltingProxy.before(server.url(), PASSED);
        TestServer command =
            TestServer.start(folder, "backup", "--to", "one.backup", "--url", proxy.url())) {
      proxy.awaitHalt();
      command.kill();
      assertThat(folder.resolve("one.backup")).doesNotExist();

      Ended again;
      do {
        again = run("backup", "--to", "one.backup", "--url", server.url());
      } while (again.err().toString().contains("another backup is being made"));
      assertThat(again.exitCode()).as(again.toString()).isZero();
      assertThat(folder.resolve("one.backup.partial")).doesNotExist();
    }
    succeeds("restore", "--from", "one.backup", "--to", "restored");
  }

  @Test
  void aServerThatIsKilledLeavesNoBackup() throws Exception {
    try (TestServer server = filled();
        HaltingProxy proxy = HaltingProxy.before(server.url(), PASSED);
        TestServer command =
            TestServer.start(folder, "backup", "--to", "one.backup", "--url", proxy.url())) {
      proxy.awaitHalt();
      server.kill();
      proxy.breakOff();
      Ended ended = command.end();
      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(ExitCode.FAILED);
      assertThat(ended.err().getLast())
          .startsWith("afterbay: " + proxy.url() + " broke off the backup (");
    }
    assertThat(folder.resolve("one.backup")).doesNotExist();
    assertThat(folder.resolve("one.backup.partial")).doesNotExist();
    try (TestServer again = serve()) {
      succeeds("backup", "--to", "one.backup", "--url", again.url());
    }
  }

  @Test
  void aClosedStoreIsBackedUpAndOneInUseIsNot() throws Exception {
    String id;
    try (TestServer server = serve()) {
      id = post(server);
      Ended used = run("backup", "--to", "one.backup", "--data", "data");
      assertThat(used.exitCode()).as(used.toString()).isEqualTo(ExitCode.DIRECTORY_IN_USE);
      assertThat(used.err().getLast()).contains("data is used").contains("--url");
      assertThat(server.stop().exitCode()).isZero();
    }
    Ended made = succeeds("backup", "--to", "one.backup", "--data", "data");
    assertThat(made.out().getLast())
        .matches("backed up into one\\.backup: all up to commit \\d+, 0\\.\\d MiB");
    Ended there = run("backup", "--to", "one.backup", "--data", "data");
    assertThat(there.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(there.err().getLast()).contains("one.backup").contains("--replace");
    succeeds("backup", "--to", "one.backup", "--data", "data", "--replace");

    succeeds("restore", "--from", "one.backup", "--data", "restored");
    try (TestServer server =
        TestServer.start(folder, "serve", "--port", "0", "--data", "restored").ready()) {
      assertThat(server.get("/jobs/" + id).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aBackupCanGoThroughAPipe() throws Exception {
    try (TestServer server = serve()) {
      post(server);
      try (TestServer piped =
          TestServer.start(
              folder,
              Map.of(),
              List.of(),
              List.of("/bin/sh", "-c", "exec \"$0\" \"$@\" > piped"),
              "backup",
              "--to",
              "-",
              "--url",
              server.url())) {
        assertThat(piped.end().exitCode()).isZero();
      }
    }
    succeeds("restore", "--from", "piped", "--data", "restored");
  }

  @Test
  void theConfigurationTellsWhereTheServerIs() throws Exception {
    Ended none = run("backup", "--to", "one.backup", "--url", "http://127.0.0.1:1");
    assertThat(none.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(none.err().getLast())
        .contains("http://127.0.0.1:1 does not answer")
        .contains("--data");
    try (TestServer server = serve()) {
      post(server);
      int port = URI.create(server.url()).getPort();
      Files.writeString(
          folder.resolve("afterbay.yaml"),
          "http: {port: 1}\nadmin: {address: 0.0.0.0, port: " + port + "}\nauth: none\n");
      succeeds("backup", "--to", "one.backup");
    }
    Files.writeString(folder.resolve("afterbay.yaml"), "http: {port: 0}");
    Ended any = run("backup", "--to", "two.backup");
    assertThat(any.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(any.err()).hasSize(1);
    assertThat(any.err().getFirst()).contains("--url");
  }

  @Test
  void aStoreInMemoryHasNoBackup() throws Exception {
    try (TestServer server =
        TestServer.start(folder, "serve", "--port", "0", "--set", "store=memory").ready()) {
      Ended ended = run("backup", "--to", "one.backup", "--url", server.url());
      assertThat(ended.exitCode()).isEqualTo(ExitCode.FAILED);
      assertThat(ended.err().getLast()).contains(server.url() + " makes no backup: ");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void whatIsNotWholeIsNotRestoredAndWhatIsNotCompleteIsNotServed() throws Exception {
    try (TestServer server = filled()) {
      succeeds("backup", "--to", "one.backup", "--url", server.url());
    }
    byte[] backup = Files.readAllBytes(folder.resolve("one.backup"));
    Files.write(folder.resolve("cut.backup"), Arrays.copyOf(backup, backup.length / 2));
    Ended cut = run("restore", "--from", "cut.backup", "--data", "restored");
    assertThat(cut.exitCode()).as(cut.toString()).isEqualTo(ExitCode.STORE_DAMAGED);
    assertThat(cut.err().getLast())
        .isEqualTo(
            "afterbay: cut.backup at offset "
                + backup.length / 2
                + " cannot be restored: it ends in the middle");
    Ended served = run("serve", "--port", "0", "--data", "restored");
    assertThat(served.exitCode()).as(served.toString()).isEqualTo(ExitCode.STORE_DAMAGED);
    assertThat(served.err().getLast()).contains("is not complete").contains("afterbay restore");
  }

  @Test
  void whatIsNotGivenAsItShouldBeIsSaid() throws Exception {
    for (String[] wrong :
        new String[][] {
          {"backup"},
          {"backup", "--to", "x", "--data", "data", "--url", "http://h"},
          {"backup", "--to", "x", "--url", "localhost:8080"},
          {"restore", "--from", "x"},
          {"restore", "--from", "x", "--data", "a", "--to", "b"}
        }) {
      Ended ended = run(wrong);
      assertThat(ended.exitCode()).as(Arrays.toString(wrong)).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(ended.err()).as(Arrays.toString(wrong)).hasSize(1);
    }
    assertThat(run("backup", "--help").out()).anyMatch(line -> line.matches(" +--replace +.*"));
  }

  private TestServer serve() throws IOException {
    return TestServer.start(folder, "serve", "--port", "0").ready();
  }

  /** With some MiB, so that a backup takes many blocks. */
  private TestServer filled() throws IOException, InterruptedException {
    TestServer server = serve();
    String body = "x".repeat(500_000);
    for (int i = 0; i < 8; i++) {
      assertThat(server.post("/queues/q/messages", body).statusCode()).isEqualTo(201);
    }
    return server;
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    return TestServer.run(folder, arguments);
  }

  private Ended succeeds(String... arguments) throws IOException, InterruptedException {
    Ended ended = run(arguments);
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
    return ended;
  }
}
