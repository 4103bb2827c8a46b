package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file, variables and options: what is wrong in one of them, and what errors say of them. */
final class ConfigSourcesTest {
  @TempDir private Path folder;

  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, List<Overrides.Given>> options = new HashMap<>();

  @Test
  void aBadValueIsRefusedAlsoWhereAnotherWinsOverIt() {
    option("http.port", "--set", "x");
    option("http.port", "--port", "1");
    assertThat(refusal("")).startsWith("http.port (--set): x: must be a whole number");
    options.clear();
    option("http.port", "--port", "1");
    option("shutdown_grace", "--set", "1s");
    assertThat(refusal("http: {port: x}")).startsWith("http.port: x: must be a whole number");
    assertThat(refusal("http: {port: [2]}")).startsWith("http.port: [...]: must be a single value");
    assertThat(refusal("shutdown_grace: x")).startsWith("shutdown_grace: x: a duration must be");
    environment.put("AFTERBAY_HTTP_PORT", "x");
    assertThat(refusal("")).startsWith("http.port (AFTERBAY_HTTP_PORT): x: must be");
  }

  /** The last one counts. */
  @Test
  void eachValueOfAnOptionThatIsGivenSeveralTimesIsLookedAt() throws IOException {
    option("auth", "--set", "none");
    option("auth", "--set", "auto");
    assertThat(read("").auth()).isEqualTo(Config.Auth.AUTO);
    option("store", "--set", "file");
    option("store", "--set", "null");
    assertThat(refusal("")).startsWith("store (--set): file: must be rocksdb or memory");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      value = {
        "http.address: a b | 127.0.0.1 | must be an address",
        "http.address: http://h | 127.0.0.1 | must be an address",
        "http.address: 127.0.0.1:80 | 127.0.0.1 | must be an address",
        "http.address: 300.1.1.1 | 127.0.0.1 | must be an address",
        "admin.address: '' | 127.0.0.1 | must be an address",
        "limits.batch: 257MiB | 16MiB | must be 1B to 256MiB",
        "limits.body: 65MiB | 1MiB | must be 1B to 64MiB",
        "sns.body_limit: 0B | 1MiB | must be 1B to 64MiB",
        "sns.cert_dir: '' | . | must be the path of a folder",
        "sns.regions_file: '' | null | must be the path of a file",
        "handlers: '' | . | must be the path of a folder",
        "auth: tokens | auto | not in this version; must be auto",
        "store: postgres | memory | PostgreSQL is not in this version",
        "defaults.backoff.factor: fast | 5 | must be a decimal number",
        "admin.tls.client_auth: maybe | none | must be one of none, want, require",
        "log.level: loud | info | must be one of error, warn",
      })
  void whatEveryKindOfValueMustBeHoldsAlsoWhereAnotherWins(
      String line, String winner, String allowed) {
    environment.put("AFTERBAY_ADMIN_PORT", "1");
    String[] given = line.split(": ", 2);
    option(given[0], "--set", winner);
    assertThat(refusal(nested(line)))
        .startsWith(given[0] + ": " + given[1].replace("'", "") + ": ")
        .contains(allowed);
  }

  /** The file of a large machine is one for a small machine with a few options, too. */
  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      value = {
        "http.address: no.such.host.invalid | 127.0.0.1",
        "http.address: '[fe80::1%none0]' | 127.0.0.1",
        "limits.batch: 255MiB | 16MiB",
        "sns.cert_dir: /no/such | null",
        "sns.regions_file: /no/such | null",
        "handlers: /no/such | ."
      })
  void whatThisMachineLacksIsNoErrorWhereAnotherWins(String line, String winner)
      throws IOException {
    assertThat(refusal(nested(line))).isNotEmpty();
    option(line.substring(0, line.indexOf(':')), "--set", winner);
    assertThat(read(nested(line))).isNotNull();
  }

  /** {@code a: {b: c}} of {@code a.b: c}. */
  private static String nested(String line) {
    String[] given = line.split(": ", 2);
    return given[0].replace(".", ": {")
        + ": "
        + given[1]
        + "}".repeat(given[0].split("\\.").length - 1);
  }

  @Test
  void whatContradictsAnotherSettingSaysWhereItCameFrom() {
    option("limits.batch", "--set", "1KiB");
    assertThat(refusal("limits: {batch: 16MiB}"))
        .isEqualTo("limits.batch (--set): 1KiB: limits.batch must be at least limits.body");
    environment.put("AFTERBAY_DEFAULTS_BACKOFF_LONGEST", "1ms");
    options.clear();
    assertThat(refusal(""))
        .startsWith("defaults.backoff.longest (AFTERBAY_DEFAULTS_BACKOFF_LONGEST): 1ms: backoff");
    environment.clear();
    environment.put("AFTERBAY_HTTP_HTTP3", "true");
    assertThat(refusal("")).startsWith("http.http3 (AFTERBAY_HTTP_HTTP3): true: must be given");
    environment.clear();
    environment.put("AFTERBAY_HTTP_ADDRESS", "0.0.0.0");
    assertThat(refusal("")).startsWith("http.address (AFTERBAY_HTTP_ADDRESS): 0.0.0.0: must be a");
    environment.clear();
    option("auth", "--set", "tokens");
    assertThat(refusal("")).startsWith("auth (--set): tokens: not in this version");
    options.clear();
    option("handlers", "--set", "/no/such");
    assertThat(refusal("")).startsWith("handlers (--set): /no/such: must be a folder");
  }

  private void option(String name, String source, String value) {
    options.computeIfAbsent(name, _ -> new ArrayList<>()).add(new Overrides.Given(source, value));
  }

  private Config read(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("afterbay.yaml"), yaml);
    return ConfigReader.read(file, new Overrides(environment, options));
  }

  private String refusal(String yaml) {
    ConfigException refused = catchThrowableOfType(ConfigException.class, () -> read(yaml));
    assertThat(refused).as(yaml).isNotNull();
    return refused.getMessage();
  }
}
