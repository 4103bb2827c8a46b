package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.server.TestServer.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The process on machines whose language has other digits, or other capitals. */
@Timeout(120)
final class LanguageTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"ar,EG", "fa,IR", "tr,TR"})
  void whatItTookIsKeptInAnyLanguage(String language, String country) throws Exception {
    List<String> first;
    try (TestServer server = start(language, country)) {
      first = List.of(post(server), post(server));
      server.kill();
    }
    assertThat(files()).isNotEmpty().allMatch(name -> name.matches("\\p{ASCII}+"));
    try (TestServer server = start(language, country)) {
      for (String id : first) {
        assertThat(server.get("/jobs/" + id).body()).contains("\"greet\"");
      }
      assertThat(server.get("/queues/default").body()).contains("\"pending\":2");
      assertThat(server.get("/metrics").body()).matches("[\\p{ASCII}\\s]+");
      Ended ended = server.stop();
      assertThat(ended.exitCode()).as(ended.toString()).isZero();
    }
  }

  @Test
  void theDemoWritesNumbersThatEverybodyReads() throws Exception {
    try (TestServer demo = TestServer.start(folder, Map.of(), options("ar", "EG"), "demo")) {
      Ended ended = demo.end();
      assertThat(ended.exitCode()).as(ended.toString()).isZero();
      assertThat(ended.out()).contains("Nothing was lost.").anyMatch(line -> line.contains("7 "));
      assertThat(String.join("\n", ended.out())).doesNotContainPattern("[\\p{Nd}&&[^0-9]]");
    }
  }

  private TestServer start(String language, String country) throws IOException {
    return TestServer.start(
            folder,
            Map.of("AFTERBAY_HTTP_PORT", "0"),
            options(language, country),
            "serve",
            "--set",
            "shutdown_grace=1s")
        .ready();
  }

  private static List<String> options(String language, String country) {
    return List.of("-Duser.language=" + language, "-Duser.country=" + country);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static String post(TestServer server) throws IOException, InterruptedException {
    String job = server.post("/jobs", "{\"job_type\":\"greet\",\"payload\":{\"to\":1}}").body();
    return job.replaceFirst(".*?\"id\":\\s*\"([^\"]+)\".*", "$1");
  }
}
