package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.JobContext;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.handlers.CommandHandler.Result;
import dev.afterbay.handlers.CommandHandler.Settings;
import dev.afterbay.worker.PermanentFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With real programs: scripts of a shell. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
final class CommandHandlerTest {

  private static final String SHELL = "/bin/sh";
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Message EMPTY = Message.of("run", "");

  @TempDir private Path folder;

  private final Work work = new Work();

  @AfterEach
  void close() {
    work.close();
  }

  @Test
  void theBodyIsItsInputAndTheOutputTheResult() throws Exception {
    Telling told = telling(Message.of("run", "grüße\n"));
    assertThat(run(shell("cat; echo said >&2"), told)).isEqualTo(Outcome.done());
    assertThat(told.resultText()).isEqualTo("grüße\n");
    assertThat(told.contentType).isEqualTo(Message.TEXT);
    assertThat(told.lines).containsExactly("said");
  }

  @Test
  void anOutputThatIsJsonIsShownAsJson() throws Exception {
    Telling told = telling(EMPTY);
    run(shell("echo '{\"n\": 1.50}'"), told);
    assertThat(told.contentType).isEqualTo("application/json");
    run(shell("printf '\\377'"), told);
    assertThat(told.contentType).isEqualTo(Message.BYTES);
  }

  @ParameterizedTest
  @CsvSource({
    "exit 0, Done",
    "exit 75, Retry",
    "exit 1, Fail",
    "exit 127, Fail",
    "exit 128, Fail",
    "kill -9 $$, Retry",
    "exit 160, Fail",
    "exit 3, Done",
    "exit 4, Retry",
    "exit 5, Fail",
    "kill -15 $$, Fail"
  })
  void theExitCodeSaysHowItEnded(String script, String outcome) throws Exception {
    Settings settings =
        with(
            shell(script),
            Map.of(3, Result.DONE, 4, Result.RETRY, 5, Result.FAIL, 143, Result.FAIL));
    assertThat(run(settings, telling(EMPTY)).getClass().getSimpleName()).isEqualTo(outcome);
  }

  @Test
  void theEndOfItsErrorsIsTheReason() throws Exception {
    String script = "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo line $i >&2; done; exit 2";
    Telling told = telling(EMPTY);
    Outcome.Fail fail = (Outcome.Fail) run(shell(script), told);
    assertThat(fail.reason()).startsWith("exit code 2: line ").endsWith("line 499\nline 500");
    assertThat(told.lines).hasSize(JobContext.LINES_MAX).startsWith("line 1").endsWith("line 500");
    assertThat(told.lines.get(100)).isEqualTo("[301 lines left out]");
    assertThat(((Outcome.Retry) run(shell("exit 75"), telling(EMPTY))).reason())
        .isEqualTo("exit code 75");
  }

  @Test
  void itsEnvironmentIsSmallAndHasTheJob() throws Exception {
    Telling told =
        telling(EMPTY.attributes(Map.of("content-type", "a b", "Ü.1", "x\ny", "a=b", "$(id)")));
    Settings s = shell("env");
    Settings own =
        new Settings(
            s.program(), Map.of(), s.outputMax(), Map.of("MODE", "fast"), folder, s.timeout());
    run(own, told);
    List<String> names =
        told.resultText()
            .lines()
            .filter(line -> line.contains("="))
            .map(line -> line.split("=", 2)[0])
            .toList();
    assertThat(told.resultText())
        .contains("AFTERBAY_ATTR_CONTENT_TYPE=a b\n", "AFTERBAY_ATTR___1=x\ny\n", "MODE=fast\n")
        .contains("AFTERBAY_ATTR_A_B=$(id)\n", "AFTERBAY_JOB_ID=" + told.job().id() + "\n")
        .contains("AFTERBAY_QUEUE=orders\n", "AFTERBAY_TYPE=run\n", "AFTERBAY_ATTEMPT=1\n")
        .contains("PATH=");
    assertThat(names)
        .allMatch(name ->
            name.matches(
                "AFTERBAY_.*|MODE|PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_.*|TZ|TMPDIR"
                    + "|PWD|OLDPWD|SHLVL|_"));
  }

  @Test
  void itRunsInItsFolder() throws Exception {
    Settings s = shell("pwd");
    Telling told = telling(EMPTY);
    run(new Settings(s.program(), Map.of(), 99, Map.of(), folder, s.timeout()), told);
    assertThat(Path.of(told.resultText().strip()).toRealPath()).isEqualTo(folder.toRealPath());
  }

  @Test
  void attributesThatNoEnvironmentCanHoldFailTheJob() {
    assertThatThrownBy(() -> run(shell("exit 0"), telling(EMPTY.attributes(Map.of("a", "b\0c")))))
        .isInstanceOf(PermanentFailure.class)
        .hasMessage("the attribute a has a NUL, which no variable can hold");
    assertThatThrownBy(
            () -> run(shell("exit 0"), telling(EMPTY.attributes(Map.of("a-b", "1", "A_B", "2")))))
        .isInstanceOf(PermanentFailure.class)
        .hasMessage("two attributes become the variable AFTERBAY_ATTR_A_B: A_B and a-b");
  }

  @Test
  void anAttributeThatIsTooLongForAVariableFailsTheJob() throws Exception {
    Message message = EMPTY.attributes(Map.of("a", "x".repeat(200_000)));
    Telling told = new Telling(work.delivery(EMPTY), message);
    assertThat(run(shell("exit 0"), told)).isInstanceOf(Outcome.Fail.class);
  }

  @Test
  void aProgramNeedNotReadItsInput() throws Exception {
    Message large = Message.of("run", new byte[16 << 20]);
    assertThat(run(shell("exit 0"), new Telling(work.delivery(EMPTY), large)))
        .isEqualTo(Outcome.done());
    Telling told = new Telling(work.delivery(EMPTY), large);
    assertThat(run(shell("exec <&-; echo closed"), told)).isEqualTo(Outcome.done());
    assertThat(told.resultText()).isEqualTo("closed\n");
    run(shell("wc -c"), told);
    assertThat(told.resultText().strip()).isEqualTo("" + (16 << 20));
  }

  @Test
  void anOutputOverItsLimitIsCutAndSaysSo() throws Exception {
    Settings s = shell("head -c 1000000 /dev/zero | tr '\\0' 'x'; printf ü");
    Telling told = telling(EMPTY);
    Settings small = new Settings(s.program(), Map.of(), 1_000, Map.of(), null, s.timeout());
    assertThat(run(small, told)).isEqualTo(Outcome.done());
    assertThat(told.resultText())
        .hasSize(1_000)
        .startsWith("xxx")
        .endsWith("x\n[cut: the program wrote 1000002 bytes, output_max is 1000]");
    assertThat(told.lines).singleElement().asString().contains("cut");
    Telling none = telling(EMPTY);
    run(new Settings(s.program(), Map.of(), 0, Map.of(), null, s.timeout()), none);
    assertThat(none.result).isNull();
  }

  @Test
  void aCutIsNeverWithinACharacter() throws Exception {
    for (int max = 100; max < 104; max++) {
      Settings s =
          shell("i=0; while [ $i -lt 99 ]; do i=$((i+1)); printf '\\360\\237\\230\\200'; done");
      Telling told = telling(EMPTY);
      run(new Settings(s.program(), Map.of(), max, Map.of(), null, s.timeout()), told);
      assertThat(told.contentType).isEqualTo(Message.TEXT);
    }
  }

  @Test
  void aProgramThatPrintsForEverFillsNoMemoryAndIsEndedWithItsChildren() throws Exception {
    Path pids = folder.resolve("pids");
    Settings s =
        timeout(
            shell("yes & echo $! > " + pids + "; yes >&2 & echo $! >> " + pids + "; wait"),
            Duration.ofSeconds(8));
    Telling told = telling(EMPTY);
    Outcome.Retry retry = (Outcome.Retry) run(s, told);
    assertThat(retry.reason())
        .startsWith("timed out after PT8S, ended with all that it started: y");
    assertGone(pids, 2);
    assertThat(told.lines).hasSizeLessThanOrEqualTo(JobContext.LINES_MAX);
  }

  @Test
  void fiftyChildrenThatIgnoreTerminationAreKilled() throws Exception {
    Path pids = folder.resolve("pids");
    Path child =
        script("child", "trap '' TERM; echo $$ >> " + pids + "; while :; do sleep 1; done");
    String fifty = "i=0; while [ $i -lt 50 ]; do i=$((i+1)); " + child + " & done; wait";
    assertThat(interrupted(shell("trap '' TERM; " + fifty), pids, 50))
        .isInstanceOf(InterruptedException.class);
    assertGone(pids, 50);
  }

  @Test
  void childrenThatLeftTheirParentSessionOrEnvironmentAreKilled() throws Exception {
    Path pids = folder.resolve("pids");
    Path child = script("child", "echo $$ >> " + pids + "; exec sleep 1000");
    String daemon = "(setsid " + child + " &); ";
    String withoutMark = "(env -i /bin/sh " + child + " &); ";
    String both = "env -i setsid /bin/sh " + child + " & ";
    interrupted(shell(daemon + withoutMark + both + child + " & wait"), pids, 4);
    assertGone(pids, 4);
  }

  @Test
  void whatAProgramLeftBehindHoldsUpNobody() throws Exception {
    Path pids = folder.resolve("pids");
    Telling told = telling(Message.of("run", new byte[1 << 20]));
    long before = System.nanoTime();
    assertThat(run(shell("sleep 1000 & echo $! > " + pids + "; echo ended"), told))
        .isEqualTo(Outcome.done());
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
    assertThat(told.resultText()).isEqualTo("ended\n");
    ProcessHandle left = ProcessHandle.of(Long.parseLong(Files.readString(pids).strip())).get();
    assertThat(left.isAlive()).isTrue();
    left.destroyForcibly();
  }

  @Test
  void aProgramThatClosedItsOutputRunsOn() throws Exception {
    Path end = folder.resolve("end");
    run(shell("exec >&- 2>&-; sleep 0.3; echo > " + end), telling(EMPTY));
    assertThat(end).exists();
  }

  @Test
  void aRequestToCancelEndsIt() throws Exception {
    Path pids = folder.resolve("pids");
    Telling told = telling(EMPTY);
    String script = "echo $$ > " + pids + "; exec sleep 1000";
    told.cancelRequestedOnce = () -> Files.exists(pids) && !lines(pids).isEmpty();
    assertThat(run(shell(script), told)).isEqualTo(Outcome.release());
    assertGone(pids, 1);
  }

  @Test
  void aResultThatIsNotKeptDoesNotUndoTheWork() throws Exception {
    Telling told = telling(EMPTY);
    told.keepsResults = false;
    assertThat(run(shell("echo out"), told)).isEqualTo(Outcome.done());
    assertThat(told.result).isNull();
  }

  @Test
  void closingEndsIt() throws Exception {
    Path pids = folder.resolve("pids");
    CommandHandler handler = new CommandHandler(shell(sleeping(pids)));
    CompletableFuture<Outcome> outcome =
        CompletableFuture.supplyAsync(() -> handled(handler, telling(EMPTY)));
    await(() -> Files.exists(pids));
    handler.close();
    assertGone(pids, 1);
    assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo(Outcome.release());
    assertThat(handler.handle(telling(EMPTY))).isEqualTo(Outcome.release());
  }

  @Test
  void itsErrorsAreToldWhileItRuns() throws Exception {
    Path go = folder.resolve("go");
    Telling told = telling(EMPTY);
    try (CommandHandler handler =
        new CommandHandler(
            shell("echo begun >&2; while [ ! -e " + go + " ]; do sleep 0.05; done"))) {
      CompletableFuture<Outcome> outcome =
          CompletableFuture.supplyAsync(() -> handled(handler, told));
      await(() -> told.lines.contains("begun"));
      Files.createFile(go);
      assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo(Outcome.done());
    }
    assertThat(told.lines).containsExactly("begun");
  }

  @Test
  void aProgramThatVanishedIsTriedAgain() throws Exception {
    Path script = script("gone", "exit 0");
    Settings settings = timeout(Settings.of(script.toString()), LONG);
    Files.delete(script);
    assertThat(((Outcome.Retry) run(settings, telling(EMPTY))).reason())
        .isEqualTo("the program cannot be executed, or is not there any more: " + script);
    Files.writeString(script, "#!/no/such/interpreter\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    assertThat(run(settings, telling(EMPTY))).isInstanceOf(Outcome.Retry.class);
  }

  @Test
  void settingsThatCannotWorkAreRefused() {
    assertRefused(() -> Settings.of(), "program must have");
    assertRefused(
        () -> Settings.of("/no/such"), "program must be a file that may be executed: /no");
    assertRefused(() -> Settings.of(folder.toString()), "program must be a file that may be");
    assertRefused(() -> with(shell(""), Map.of(0, Result.FAIL)), "results must be of exit codes");
    Settings s = shell("");
    for (Map<String, String> env :
        List.of(Map.of("a-b", ""), Map.of("AFTERBAY_X", ""), Map.of("A", "\0"))) {
      assertRefused(
          () -> new Settings(s.program(), Map.of(), 0, env, null, s.timeout()), "env must have");
    }
    assertRefused(
        () -> new Settings(s.program(), Map.of(), 70_000, Map.of(), null, LONG), "output_max must");
    assertRefused(
        () -> new Settings(s.program(), Map.of(), 0, Map.of(), folder.resolve("no"), s.timeout()),
        "directory must be a folder that is there");
    assertRefused(() -> timeout(s, Duration.ZERO), "timeout must be");
    assertThat(s.toString()).isEqualTo("Settings[/bin/sh]");
  }

  @Test
  void aProgramWithoutAFolderIsLookedForOnThePath() {
    assertThat(CommandFactory.found(List.of("sh", "-c"), "/nowhere:/bin").getFirst())
        .isEqualTo(SHELL);
    assertRefused(() -> CommandFactory.found(List.of("sh"), "/nowhere"), "program must be a file");
    assertRefused(() -> CommandFactory.found(List.of(""), "/bin"), "program must be a file");
  }

  private static void assertRefused(Runnable settings, String begin) {
    assertThatIllegalArgumentException().isThrownBy(settings::run).withMessageStartingWith(begin);
  }

  private static String sleeping(Path pids) {
    return "sleep 1000 & echo $! > " + pids + ".new; mv " + pids + ".new " + pids + "; wait";
  }

  private Path script(String name, String lines) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + lines + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static Settings shell(String script) {
    return timeout(Settings.of(SHELL, "-c", script), LONG);
  }

  private static Settings timeout(Settings s, Duration timeout) {
    return new Settings(s.program(), s.results(), s.outputMax(), s.env(), s.directory(), timeout);
  }

  private static Settings with(Settings s, Map<Integer, Result> results) {
    return new Settings(s.program(), results, s.outputMax(), s.env(), s.directory(), s.timeout());
  }

  private Telling telling(Message message) {
    return new Telling(work.delivery(message));
  }

  private static Outcome run(Settings settings, Telling told) throws Exception {
    try (CommandHandler handler = new CommandHandler(settings)) {
      return handler.handle(told);
    }
  }

  /** What is thrown at an interrupt, once there are so many children. */
  private Throwable interrupted(Settings settings, Path pids, int children) throws Exception {
    try (CommandHandler handler = new CommandHandler(settings)) {
      Telling told = telling(EMPTY);
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      Thread thread = Thread.ofVirtual().start(() -> thrown.complete(thrownBy(handler, told)));
      await(() -> lines(pids).size() == children);
      thread.interrupt();
      return thrown.get(30, TimeUnit.SECONDS);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Outcome handled(CommandHandler handler, Telling told) {
    try {
      return handler.handle(told);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Throwable thrownBy(CommandHandler handler, Telling told) {
    try {
      return new AssertionError(handler.handle(told));
    } catch (Exception e) {
      return e;
    }
  }

  private static void await(BooleanSupplier holds) {
    long latest = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!holds.getAsBoolean()) {
      assertThat(System.nanoTime()).as("30 s are over").isLessThan(latest);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  /** The processes with these numbers have ended, or wait for a parent to take note. */
  private static void assertGone(Path pids, int count) throws IOException {
    List<String> numbers = lines(pids);
    assertThat(numbers).hasSize(count);
    List<String> left = new ArrayList<>();
    for (String pid : numbers) {
      Path stat = Path.of("/proc", pid, "stat");
      if (Files.exists(stat) && !Files.readString(stat).contains(") Z ")) {
        left.add(pid);
      }
    }
    assertThat(left).isEmpty();
  }
}
