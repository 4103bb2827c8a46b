package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What others make of the document of the API, where Node is installed and its registry is within
 * reach: a linter, and a generator whose client is used against a server.
 */
final class GeneratedClientTest extends HttpTest {

  private static final List<String> PACKAGES =
      List.of("@redocly/cli@2.77.0", "@hey-api/openapi-ts@0.94.0", "typescript@5.9.3");

  private NodeTools tools;
  private Path document;

  @BeforeEach
  void fetchDocument() throws Exception {
    tools = NodeTools.with(PACKAGES);
    document = tools.folder.resolve("openapi.json");
    Files.writeString(document, http.get("/openapi.json").text());
  }

  @Test
  void aLinterFindsNothingToMend() throws Exception {
    String said =
        tools.call(
            "redocly", "lint", "--extends=recommended-strict", "--format=stylish", "openapi.json");
    assertThat(said).contains("Your API description is valid");
  }

  @Test
  void aGeneratedClientSendsReceivesAndSettles() throws Exception {
    Path script = tools.folder.resolve("use-client.ts");
    Files.write(script, Resources.read("use-client.ts"));
    tools.call("openapi-ts", "-i", "openapi.json", "-o", "client", "--no-log-file");
    tools.call(
        "tsc",
        "--outDir",
        "compiled",
        "--rootDir",
        ".",
        "--strict",
        "--module",
        "commonjs",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom,dom.iterable",
        "--typeRoots",
        "none",
        "use-client.ts");
    String said = tools.script(Path.of("compiled", "use-client.js"), served.uri().toString());
    assertThat(said).contains("sent, received and settled");
    assertThat(http.get("/queues/orders").at("/pending")).isEqualTo("0");
    assertThat(http.get("/jobs").at("/jobs/0/job_type")).isEqualTo("email");
  }
}
