package dev.afterbay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher {@code ./afterbay}, in a checkout, with a Maven and with JDKs that are only played:
 * each is a script that says what it was called with.
 */
@Timeout(60)
final class LauncherTest {
  private static final String NO_JDK =
      "afterbay needs a JDK 25 or newer: set AFTERBAY_JAVA_HOME or JAVA_HOME";

  /** All that the launcher calls; nothing else is on its path. */
  private static final List<String> TOOLS =
      List.of(
          "cat",
          "env",
          "find",
          "flock",
          "grep",
          "head",
          "mkdir",
          "mktemp",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sh",
          "sleep",
          "touch");

  @TempDir private Path folder;

  private Path checkout;
  private Path tools;
  private Path elsewhere;

  @BeforeEach
  void playACheckout() throws IOException {
    checkout = Files.createDirectories(folder.resolve("a check out"));
    elsewhere = Files.createDirectories(folder.resolve("else where"));
    tools = Files.createDirectories(folder.resolve("tools"));
    for (String tool : TOOLS) {
      Path real = Path.of("/usr/bin", tool);
      Path found = Files.exists(real) ? real : Path.of("/bin", tool);
      if (Files.exists(found)) {
        script(tools.resolve(tool), "#!/bin/sh\nexec " + found + " \"$@\"\n");
      }
    }
    String launcher = Files.readString(Path.of("..", "afterbay"));
    String usualFolders = "/usr/lib/jvm/* /opt/*";
    assertThat(launcher).contains(usualFolders);
    script(checkout.resolve("afterbay"), launcher.replace(usualFolders, "/no/such/*"));
    Files.writeString(checkout.resolve("pom.xml"), "");
    for (String module : List.of("server", "bench")) {
      Files.createDirectories(checkout.resolve(module).resolve("src/main"));
      Files.writeString(checkout.resolve(module).resolve("pom.xml"), "");
    }
    maven(
        "mkdir -p server/target bench/target; : >server/target/afterbay.jar\n"
            + ": >bench/target/afterbay-bench.jar");
  }

  @Test
  void aJdkIsTakenFromItsOwnVariableThenJavaHomeThenThePath() throws Exception {
    String own = jdk("own", "25.0.1").toString();
    String home = jdk("home", "26").toString();
    Path path = jdk("path", "27-ea");
    Files.createSymbolicLink(tools.resolve("java"), path.resolve("bin/java"));
    assertThat(jdkOf(Map.of("AFTERBAY_JAVA_HOME", own, "JAVA_HOME", home))).isEqualTo("own");
    assertThat(jdkOf(Map.of("JAVA_HOME", home))).isEqualTo("home");
    assertThat(jdkOf(Map.of())).isEqualTo("path");
    assertThat(jdkOf(Map.of("JAVA_HOME", "/no/such", "AFTERBAY_JAVA_HOME", ""))).isEqualTo("path");
  }

  @Test
  void withoutAJdkThereIsOneSentence() throws Exception {
    Files.createSymbolicLink(tools.resolve("java"), jdk("old", "24.0.2").resolve("bin/java"));
    Path onlyRuntime = jdk("jre", "25");
    Files.delete(onlyRuntime.resolve("bin/javac"));
    Ended ended = launch(Map.of("JAVA_HOME", onlyRuntime.toString()), "serve");
    assertThat(ended).isEqualTo(new Ended(1, List.of(), List.of(NO_JDK)));
  }

  @Test
  void itIsBuiltOnceAndTheBuildLeavesStandardOutputAlone() throws Exception {
    Map<String, String> environment = withJdk();
    Ended first = launch(environment, "serve", "--port", "0");
    assertThat(first.exitCode()).as(first.toString()).isZero();
    assertThat(first.out()).hasSize(1);
    assertThat(first.err()).contains("maven: something to say");
    launch(environment, "serve");
    assertThat(builds()).isEqualTo(1);
    Files.writeString(checkout.resolve("server/src/main/New.java"), "");
    launch(environment, "serve");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void aJarThatMavenBuiltByHandIsLearntFromOnce() throws Exception {
    Map<String, String> environment = withJdk();
    launch(environment, "serve");
    Path jar = checkout.resolve("server/target/afterbay.jar");
    Path cache = checkout.resolve("server/target/afterbay.aot");
    assertThat(cache).isNotEmptyFile();
    Files.delete(cache);
    for (int i = 0; i < 2; i++) {
      assertThat(launch(environment, "serve").out().getFirst())
          .contains("[-XX:AOTCache=" + cache.toRealPath() + "] [-jar] [" + jar.toRealPath() + "]");
    }
    assertThat(builds()).isEqualTo(1);
    try (Stream<String> lines = Files.lines(folder.resolve("jdk/learnt"))) {
      assertThat(lines.count()).isEqualTo(2);
    }
  }

  @Test
  void aLibraryIsUnpackedOnceAndThenFound() throws Exception {
    Map<String, String> environment = withJdk();
    Path library = checkout.resolve("server/target/native/library");
    for (String command : List.of("serve", "bench", "torture")) {
      assertThat(launch(environment, command).out().getFirst())
          .contains("[-Djava.library.path=" + checkout.toRealPath() + "/server/target/native]");
    }
    assertThat(library).hasContent("library");
    Files.delete(checkout.resolve("server/target/afterbay.aot"));
    Files.writeString(library, "of an older version");
    launch(environment, "serve");
    assertThat(library).hasContent("library");
  }

  @Test
  void whatCannotBeLearntIsNotTriedAgain() throws Exception {
    Map<String, String> environment = withJdk();
    Files.createFile(folder.resolve("jdk/dull"));
    for (int i = 0; i < 2; i++) {
      assertThat(launch(environment, "serve").out().getFirst()).doesNotContain("AOTCache");
    }
    assertThat(Files.readString(folder.resolve("jdk/learnt"))).isEqualTo("\n");
  }

  @Test
  void itRunsFromAnywhereAndThroughLinks() throws Exception {
    Path link = Files.createSymbolicLink(elsewhere.resolve("link"), Path.of("../next"));
    Files.createSymbolicLink(folder.resolve("next"), Path.of("a check out", "afterbay"));
    Map<String, String> environment = new TreeMap<>(withJdk());
    environment.put("CDPATH", folder.toString());
    Ended ended = launch(elsewhere, environment, link.toString(), "serve", "--data", "a b");
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
    assertThat(ended.out().getFirst())
        .startsWith("jdk in else where")
        .contains("[-jar] [" + checkout.resolve("server/target/afterbay.jar").toRealPath() + "]")
        .endsWith("[serve] [--data] [a b]");
    ended = launch(folder, environment, "a check out/afterbay", "serve");
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
  }

  @Test
  void benchAndTortureRunWhereTheyAre() throws Exception {
    for (String command : List.of("bench", "torture")) {
      Ended ended = launch(withJdk(), command, "--cycles", "3");
      assertThat(ended.out().getFirst())
          .contains("/bench/target/afterbay-bench.jar] [dev.afterbay.bench.BenchMain] [" + command)
          .endsWith("[--cycles] [3]");
    }
  }

  @Test
  void theServersOfTortureStartAsFastAsOthersAndBenchIsLeftAlone() throws Exception {
    assertThat(launch(withJdk(), "torture").out().getFirst()).contains("[-XX:AOTCache=");
    assertThat(launch(withJdk(), "bench").out().getFirst()).doesNotContain("AOTCache");
  }

  @Test
  void theExitCodeIsThatOfTheProcess() throws Exception {
    assertThat(launch(withJdk(), "exit", "3").exitCode()).isEqualTo(3);
  }

  @Test
  void theOptionsOfTheUserComeAfterOursAndNoneIsAPattern() throws Exception {
    Map<String, String> environment = new TreeMap<>(withJdk());
    environment.put("AFTERBAY_JAVA_OPTS", "-Da=* -XX:+UseZGC");
    String line = launch(environment, "serve").out().getFirst();
    assertThat(line).contains("[-Da=*] [-XX:+UseZGC] ").doesNotContain("UseSerialGC");
    environment.put("AFTERBAY_JAVA_OPTS", "-Xshare:auto");
    assertThat(launch(environment, "serve").out().getFirst()).doesNotContain("AOTCache");
  }

  @Test
  void aBuildThatFailsEndsIt() throws Exception {
    maven("exit 1");
    Ended ended = launch(withJdk(), "serve");
    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err().getLast()).contains("the build failed");
  }

  @Test
  void aBuildThatWasKilledIsNotTakenForDone() throws Exception {
    maven("mkdir -p server/target; : >server/target/afterbay.jar; kill -9 $PPID; exit 1");
    assertThat(launch(withJdk(), "serve").exitCode()).isNotZero();
    assertThat(checkout.resolve("server/target/afterbay.jar")).exists();
    maven(": >server/target/afterbay.jar");
    assertThat(launch(withJdk(), "serve").exitCode()).isZero();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void theHeapFollowsTheMemoryThatTheProcessMayTake() throws Exception {
    Map<String, String> environment = new TreeMap<>(withJdk());
    String heap = "[-Xmx98304k] [-XX:MaxDirectMemorySize=26214k]";
    assertThat(command(environment, "serve", "--set", "memory=256MiB")).contains(heap);
    assertThat(command(environment, "serve", "--set=memory=268435456")).contains(heap);
    Files.writeString(checkout.resolve("afterbay.yaml"), "http: {}\nmemory: '256 MiB' # all");
    assertThat(command(environment, "serve")).contains(heap);
    assertThat(command(environment, "serve", "--config", "none")).doesNotContain(heap);
    environment.put("AFTERBAY_MEMORY", "300MiB");
    assertThat(command(environment, "serve")).contains("[-Xmx115200k]");
    assertThat(command(environment, "bench")).doesNotContain("-Xmx");
    environment.put("AFTERBAY_JAVA_OPTS", "-Xmx1g");
    assertThat(command(environment, "serve")).contains("[-Xmx1g]").doesNotContain("-Xmx115200k");
  }

  @Test
  void theHeapOfALargeMachineBeginsSmallUnlessTheUserSaysOtherwise() throws Exception {
    Map<String, String> environment = new TreeMap<>(withJdk());
    assertThat(command(environment, "serve", "--set", "memory=2GiB"))
        .contains("[-Xms64m] [-XX:NewSize=48m]");
    assertThat(command(environment, "serve", "--set", "memory=256MiB")).doesNotContain("-Xms");
    assertThat(command(environment, "health")).doesNotContain("-Xms");
    environment.put("AFTERBAY_JAVA_OPTS", "-XX:+UseZGC");
    assertThat(command(environment, "serve", "--set", "memory=2GiB"))
        .contains("[-Xms64m]")
        .doesNotContain("NewSize");
    for (String own : List.of("-Xms1g", "-Xmx48m")) {
      environment.put("JAVA_TOOL_OPTIONS", own);
      assertThat(command(environment, "serve", "--set", "memory=2GiB")).doesNotContain("-Xms64m");
    }
  }

  @Test
  void aSmallMachineIsOneOfTheLeastMemoryUnlessThatIsSaid() throws Exception {
    Map<String, String> environment = new TreeMap<>(withJdk());
    environment.put("AFTERBAY_PROFILE", "small");
    assertThat(command(environment, "serve"))
        .contains("[-Xmx98304k] [-XX:MaxDirectMemorySize=26214k]");
    environment.put("AFTERBAY_MEMORY", "300MiB");
    assertThat(command(environment, "serve")).contains("[-Xmx115200k]");
  }

  @Test
  void whoAsksForHealthTakesLittleOfTheServersMemory() throws Exception {
    assertThat(command(withJdk(), "health")).contains("[-Xmx16m]").endsWith("[health]");
  }

  @Test
  void anArchiveWithARuntimeNeedsNoJdkAndBuildsNothing() throws Exception {
    Path home = playAnArchive();
    Files.move(jdk("came with it", "25"), home.resolve("runtime"));
    Path library = Files.createDirectories(home.resolve("native")).resolve("library");
    Files.writeString(library, "shipped");
    Path cache = Files.writeString(home.resolve("afterbay.aot"), "shipped");
    Files.setLastModifiedTime(cache, Files.getLastModifiedTime(home.resolve("afterbay.jar")));
    assertThat(archived(Map.of(), "serve"))
        .startsWith("came with it ")
        .contains("[-Djava.library.path=" + home + "/native] [-XX:AOTCache=" + cache + "] [-jar]")
        .endsWith("[" + home + "/afterbay.jar] [serve]");
    assertThat(archived(Map.of(), "bench")).endsWith("/afterbay.jar] [bench]");
    String own = jdk("own", "26").toString();
    assertThat(archived(Map.of("AFTERBAY_JAVA_HOME", own), "serve")).startsWith("own ");
    Files.delete(cache);
    assertThat(archived(Map.of(), "serve")).contains("[-XX:AOTCache=" + cache + "]");
    assertThat(cache).hasContent("classes");
    assertThat(library).as("is not in the jar to be unpacked").hasContent("shipped");
    assertThat(checkout.resolve("builds")).doesNotExist();
  }

  @Test
  void anArchiveForWhoHasAJdkLearnsAtItsFirstStart() throws Exception {
    Path home = playAnArchive();
    assertThat(launch(home, Map.of(), "./afterbay", "serve").err()).containsExactly(NO_JDK);
    for (int i = 0; i < 2; i++) {
      assertThat(archived(withJdk(), "serve"))
          .contains("[-Djava.library.path=" + home + "/native]")
          .contains("[-XX:AOTCache=" + home + "/afterbay.aot]");
    }
    assertThat(home.resolve("native/library")).hasContent("library");
    assertThat(Files.readString(folder.resolve("jdk/learnt"))).isEqualTo("\n");
    assertThat(checkout.resolve("builds")).doesNotExist();
  }

  @Test
  void ofTwoThatStartTogetherOneBuilds() throws Exception {
    Map<String, String> environment = withJdk();
    Process one = start(checkout, environment, "./afterbay", "serve");
    Process other = start(checkout, environment, "./afterbay", "serve");
    for (Ended ended : List.of(end(one), end(other))) {
      assertThat(ended.exitCode()).as(ended.toString()).isZero();
      assertThat(ended.out()).hasSize(1);
    }
    assertThat(builds()).isEqualTo(1);
  }

  private Path playAnArchive() throws IOException {
    Path home = Files.createDirectories(folder.resolve("un packed"));
    script(home.resolve("afterbay"), Files.readString(checkout.resolve("afterbay")));
    Files.writeString(home.resolve("afterbay.jar"), "");
    return home.toRealPath();
  }

  private String archived(Map<String, String> environment, String... arguments) throws Exception {
    Ended ended = launch(folder.resolve("un packed"), environment, "./afterbay", arguments);
    assertThat(ended.out()).as(ended.toString()).hasSize(1);
    return ended.out().getFirst();
  }

  private record Ended(int exitCode, List<String> out, List<String> err) {}

  private Map<String, String> withJdk() throws IOException {
    return Map.of("AFTERBAY_JAVA_HOME", jdk("jdk", "25").toString());
  }

  private String jdkOf(Map<String, String> environment) throws Exception {
    Ended ended = launch(environment, "serve");
    assertThat(ended.out()).as(ended.toString()).hasSize(1);
    return ended.out().getFirst().replaceFirst(" .*", "");
  }

  private String command(Map<String, String> environment, String... arguments) throws Exception {
    Ended ended = launch(environment, arguments);
    assertThat(ended.out()).as(ended.toString()).hasSize(1);
    return ended.out().getFirst();
  }

  private Ended launch(Map<String, String> environment, String... arguments) throws Exception {
    return launch(checkout, environment, "./afterbay", arguments);
  }

  private Ended launch(
      Path in, Map<String, String> environment, String launcher, String... arguments)
      throws Exception {
    return end(start(in, environment, launcher, arguments));
  }

  private Process start(
      Path in, Map<String, String> environment, String launcher, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(in.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put("PATH", tools.toString());
    builder.environment().put("HOME", folder.toString());
    return builder.start();
  }

  private static Ended end(Process process) throws IOException, InterruptedException {
    List<String> err = process.errorReader(UTF_8).readAllLines();
    List<String> out = process.inputReader(UTF_8).readAllLines();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), out, err);
  }

  private void maven(String body) throws IOException {
    script(
        checkout.resolve("mvnw"),
        "#!/bin/sh\necho 'maven: something to say'\necho >>builds\n" + body + "\n");
  }

  private long builds() throws IOException {
    try (Stream<String> lines = Files.lines(checkout.resolve("builds"))) {
      return lines.count();
    }
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script(home.resolve("bin/javac"), "#!/bin/sh\n");
    script(
        home.resolve("bin/java"),
        """
        #!/bin/sh
        for argument; do
          case $argument in
            -XX:AOTCacheOutput=*)
              home=${0%%/bin/java}
              echo >>"$home/learnt"
              [ -f "$home/dull" ] || echo classes >"${argument#*=}"
              ;;
            -Dafterbay.native.kept=*)
              mkdir "${argument#*=}"
              echo library >"${argument#*=}/library"
              echo 'afterbay ready'
              exit 0
              ;;
          esac
        done
        printf '%%s' "%s in ${PWD##*/}:"
        for argument; do printf ' [%%s]' "$argument"; done
        echo
        for argument; do case $argument in exit) exit 3 ;; esac; done
        """
            .formatted(name));
    return home;
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
