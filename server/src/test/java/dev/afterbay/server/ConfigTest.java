package dev.afterbay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.afterbay.Limits;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueSettings.DeliveryMode;
import dev.afterbay.QueueSettings.Order;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.handlers.WebhookHandler;
import dev.afterbay.http.TlsSettings;
import dev.afterbay.http.sns.SnsSettings;
import dev.afterbay.server.Config.Listen;
import dev.afterbay.server.Config.StoreKind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

final class ConfigTest {
  private static final String ARN = "arn:aws:sns:us-east-1:123456789012:orders";

  @TempDir private Path folder;

  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, List<Overrides.Given>> options = new HashMap<>();

  @Test
  void anEmptyFileMeansTheDefaults() throws IOException {
    Config config = read("");
    assertThat(config.data()).hasToString("./data");
    assertThat(config.store()).isEqualTo(StoreKind.ROCKSDB);
    assertThat(config.http()).isEqualTo(new Listen("127.0.0.1", 8080));
    assertThat(config.admin()).isNull();
    assertThat(config.shutdownGrace()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.disk()).isEqualTo(new Config.Disk(null, null));
    assertThat(config.limits()).isEqualTo(Limits.STANDARD);
    assertThat(config.autoCreateQueues()).isTrue();
    assertThat(config.validateTypes()).isFalse();
    assertThat(config.queues()).isEmpty();
    assertThat(config.defaults()).isEqualTo(QueueSettings.STANDARD);
    assertThat(config.sns().sources()).isEmpty();
    assertThat(config.sns().settings()).isEqualTo(SnsSettings.defaults());
    assertThat(config.sns().listen()).isNull();
    assertThat(config.workers()).isEmpty();
  }

  @Test
  void theExampleOfTheContractIsRead() throws IOException {
    Config config =
        read(
            new String(
                ConfigTest.class.getResourceAsStream("contract.yaml").readAllBytes(), UTF_8));
    assertThat(config.limits()).isEqualTo(Limits.STANDARD);
    assertThat(config.queues()).containsExactly(Map.entry("orders", QueueSettings.STANDARD));
    Config.Source source = config.sns().sources().getFirst();
    assertThat(source.name()).isEqualTo("orders");
    assertThat(source.topic().arn()).isEqualTo(ARN);
    Config.WorkerEntry worker = config.workers().getFirst();
    assertThat(worker.type()).isEqualTo("*");
    assertThat(worker.concurrency()).isEqualTo(10);
    assertThat(worker.target().configured())
        .isEqualTo(WebhookHandler.Settings.of(URI.create("http://127.0.0.1:9000/orders")));
  }

  @Test
  void everySettingOfAQueueIsRead() throws IOException {
    QueueSettings settings =
        read("""
        queues:
          a.b-c:
            delivery: at-most-once
            order: fifo
            lease: PT1M
            max_attempts: unlimited
            backoff: {first: 100ms, factor: 1.5, longest: 10s, jitter: 0}
            give_up_after: 2d
            dedup_window: 0s
            retention: {done: 1h, failed: 7d}
            ttl: 3h
            max_depth: 1000000000000
            max_unsettled: 5
        """)
            .queues()
            .get("a.b-c");
    assertThat(settings.delivery()).isEqualTo(DeliveryMode.AT_MOST_ONCE);
    assertThat(settings.order()).isEqualTo(Order.FIFO);
    assertThat(settings.lease()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.maxAttempts()).isEqualTo(QueueSettings.UNLIMITED);
    assertThat(settings.backoff().first()).isEqualTo(Duration.ofMillis(100));
    assertThat(settings.backoff().factor()).isEqualTo(1.5);
    assertThat(settings.giveUpAfter()).isEqualTo(Duration.ofDays(2));
    assertThat(settings.dedupWindow()).isZero();
    assertThat(settings.retention().done()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.retention().failed()).isEqualTo(Duration.ofDays(7));
    assertThat(settings.timeToLive()).isEqualTo(Duration.ofHours(3));
    assertThat(settings.depthMax()).isEqualTo(1_000_000_000_000L);
    assertThat(settings.unsettledMax()).isEqualTo(5);
  }

  @Test
  void aQueueWithAnHttpWorkerHasNoEndOfAttemptsUnlessItSaysSo() throws IOException {
    Config config =
        read(
            """
            queues: {silent: {lease: 10s}, own: {max_attempts: 4}, patient: {give_up_after: 1d}}
            workers:
              - {queue: silent, http: {url: "http://h/"}}
              - {queue: own, http: {url: "http://h/"}}
              - {queue: patient, http: {url: "http://h/"}}
            """);
    QueueSettings silent = config.queues().get("silent");
    assertThat(silent.maxAttempts()).isEqualTo(QueueSettings.UNLIMITED);
    assertThat(silent.giveUpAfter()).isEqualTo(Duration.ofDays(14));
    assertThat(silent.lease()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.queues().get("own").maxAttempts()).isEqualTo(4);
    assertThat(config.queues().get("own").giveUpAfter()).isNull();
    assertThat(config.queues().get("patient").maxAttempts()).isEqualTo(QueueSettings.UNLIMITED);
    assertThat(config.queues().get("patient").giveUpAfter()).isEqualTo(Duration.ofDays(1));
  }

  @Test
  void aScheduleIsReadAsItIsPut() throws IOException {
    String file =
        """
        schedules:
          nightly:
            cron: "30 2 * * *"
            zone: Europe/Berlin
            missed: all
            overlap: skip
            job:
              job_type: report
              queue: reports
              priority: 7
              payload: {text: 'a "b" \\ c', count: 1.50, yes: true, no: null, list: [08, "5", x, []], o: {}}
          often: {every: 500ms, job: {job_type: ping}}
        """;
    Definition nightly = read(file).schedules().get("nightly");
    assertThat(nightly.cron()).isEqualTo("30 2 * * *");
    assertThat(nightly.zone().getId()).isEqualTo("Europe/Berlin");
    assertThat(nightly.missed()).isEqualTo(Schedules.Missed.ALL);
    assertThat(nightly.overlap()).isEqualTo(Schedules.Overlap.SKIP);
    assertThat(nightly.job().queue()).isEqualTo("reports");
    assertThat(nightly.job().message().options().priority()).isEqualTo(7);
    assertThat(nightly.job().message().text())
        .isEqualTo(
            """
            {"text":"a \\"b\\" \\\\ c","count":1.50,"yes":true,"no":null,\
            "list":["08","5","x",[]],"o":{}}\
            """);
    assertThat(read(file).schedules().get("often").every()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void anOptionWinsOverAVariableAndThisOverTheFile() throws IOException {
    String file = "{http: {port: 1, address: 127.0.0.2}, shutdown_grace: 1s}";
    environment.put("AFTERBAY_HTTP_PORT", "2");
    environment.put("AFTERBAY_SHUTDOWN_GRACE", "2s");
    option("http.port", "--port", "3");
    Config config = read(file);
    assertThat(config.http()).isEqualTo(new Listen("127.0.0.2", 3));
    assertThat(config.shutdownGrace()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void anEmptyVariableCountsAsUnsetAndThoseOfOthersAreLeftAlone() throws IOException {
    environment.putAll(
        Map.of(
            "AFTERBAY_HTTP_PORT", "",
            "AFTERBAY_JAVA_OPTS", "-Xmx1g",
            "AFTERBAY_JAVA_HOME", "/jdk",
            "PATH", "/bin"));
    assertThat(read("").http().port()).isEqualTo(8080);
  }

  @Test
  void thePortOfThePlatformCountsWhereOursIsSetNowhere() throws IOException {
    environment.put("PORT", "5000");
    assertThat(read("").http()).isEqualTo(new Listen("127.0.0.1", 5000));
    assertThat(read("http: {address: 127.0.0.2, port: null}").http().port()).isEqualTo(5000);
    assertThat(read("http: {port: 1}").http().port()).isEqualTo(1);
    environment.put("AFTERBAY_HTTP_PORT", "2");
    assertThat(read("").http().port()).isEqualTo(2);
    environment.put("AFTERBAY_HTTP_PORT", "");
    assertThat(read("").http().port()).isEqualTo(5000);
    option("http.port", "--port", "3");
    assertThat(read("").http().port()).isEqualTo(3);
    environment.put("PORT", "");
    options.clear();
    assertThat(read("").http().port()).isEqualTo(8080);
  }

  @Test
  void aPortOfThePlatformThatIsNoneIsAnErrorWhereItWouldCount() throws IOException {
    environment.put("PORT", "/dev/ttyS0");
    assertThat(refusal(""))
        .isEqualTo(
            "PORT: /dev/ttyS0: must be a whole number, 0 to 65535, or http.port must be set");
    assertThat(read("http: {port: 1}").http().port()).isEqualTo(1);
    environment.put("PORT", "65536");
    assertThat(refusal("")).startsWith("PORT: 65536: must be");
  }

  @Test
  void aSectionThatTheFileLacksCanComeFromVariables() throws IOException {
    environment.put("AFTERBAY_ADMIN_PORT", "9000");
    environment.put("AFTERBAY_SNS_ADDRESS", "0.0.0.0");
    environment.put("AFTERBAY_SNS_PORT", "9001");
    environment.put("AFTERBAY_DEFAULTS_BACKOFF_FIRST", "2s");
    Config config = read("");
    assertThat(config.admin()).isEqualTo(new Listen("127.0.0.1", 9000));
    assertThat(config.sns().listen()).isEqualTo(new Listen("0.0.0.0", 9001));
    assertThat(config.defaults().backoff().first()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void aSecretMayBeInAFile() throws IOException {
    String text = "whsec_" + "QUJD".repeat(8);
    Path secret = Files.writeString(folder.resolve("secret"), text + "\n");
    String file = "workers: [{queue: q, http: {url: 'http://h/', secret_file: '" + secret + "'}}]";
    assertThat(read(file).workers().getFirst().target().configured())
        .isInstanceOfSatisfying(
            WebhookHandler.Settings.class, settings -> assertThat(settings.secret()).isNotNull());
    assertThat(refusal(file.replace("secret_file", "secret: " + text + ", secret_file")))
        .isEqualTo(
            "workers[0].http.secret: (hidden): contradicts workers[0].http.secret_file: give one"
                + " of them");
  }

  @Test
  void aTopicIsNamedAndQueuedAfterItselfUnlessItSaysOtherwise() throws IOException {
    Config.Source source = read("sns: {topics: [{arn: '" + ARN + "'}]}").sns().sources().getFirst();
    assertThat(source.name()).isEqualTo("orders");
    assertThat(source.queue()).isEqualTo("orders");
    assertThat(source.topic().autoConfirm()).isTrue();
    assertThat(source.topic().requireSignatureVersion()).isEqualTo(1);
  }

  @Test
  void anyAddressIsAllowedToAnybodyIfThatIsSaidOnPurpose() throws IOException {
    assertThat(read("{auth: none, http: {address: 0.0.0.0}}").http().host()).isEqualTo("0.0.0.0");
    assertThat(read("{http: {address: '::1'}}").http().host()).isEqualTo("::1");
  }

  @Test
  void listenersMayShareAnAddressOrAPort() throws IOException {
    Config config = read("{admin: {port: 0}, http: {port: 0}, sns: {port: 0, address: 0.0.0.0}}");
    assertThat(config.admin()).isEqualTo(config.http());
    assertThat(read("{admin: {port: 81}, http: {port: 82}}").http().port()).isEqualTo(82);
    config = read("{admin: {address: 127.0.0.2, port: 81}, http: {address: '::1', port: 81}}");
    assertThat(config.http().port()).isEqualTo(81);
  }

  @Test
  void eachListenerMayHaveTls() throws IOException {
    environment.put("AFTERBAY_ADMIN_TLS_CERTIFICATE", "admin.p12");
    environment.put("AFTERBAY_ADMIN_TLS_PASSWORD_FILE", "password");
    Config config =
        read(
            """
            http:
              http3: true
              tls: {certificate: c.pem, key_file: c.key, client_ca: ca, client_auth: require}
            admin: {port: 1}
            sns: {port: 2, tls: null}
            """);
    TlsSettings http = config.http().tls();
    assertThat(http.certificate()).hasToString("c.pem");
    assertThat(http.keyFile()).hasToString("c.key");
    assertThat(http.clientCa()).hasToString("ca");
    assertThat(http.clientAuth()).isEqualTo(TlsSettings.ClientAuth.REQUIRE);
    assertThat(config.http().http3()).isTrue();
    assertThat(config.admin().tls().passwordFile()).hasToString("password");
    assertThat(config.admin().tls().clientAuth()).isEqualTo(TlsSettings.ClientAuth.NONE);
    assertThat(config.sns().listen().tls()).isNull();
  }

  @Test
  void anAnchorIsFollowed() throws IOException {
    assertThat(read("queues: {a: &s {lease: 7s}, b: *s}").queues().get("b").lease())
        .isEqualTo(Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @CsvFileSource(
      resources = "bad-values.txt",
      delimiterString = " => ",
      quoteCharacter = '`',
      maxCharsPerColumn = 1_000)
  void aBadValueIsRefusedInOneLine(String file, String line) {
    assertThat(refusal(file)).contains(line).doesNotContain("\n", "PASSWORD", "TOKEN");
  }

  /** One such body would end the process. */
  @Test
  void aLimitThatTheHeapDoesNotBearIsRefused() {
    assertThat(Config.sendBytesMax()).isLessThan(200 << 20);
    assertThat(refusal("limits: {batch: 200MiB}"))
        .startsWith("limits.batch: 200MiB: must be 1B to ")
        .endsWith("MiB, a sixteenth of the heap: more needs more memory");
  }

  @Test
  void aSmallMachineHasTheLeastMemoryUnlessThatIsSaid() throws IOException {
    environment.put("AFTERBAY_PROFILE", "small");
    assertThat(read("").memory()).isEqualTo(ProcessMemory.TOTAL_MIN);
    assertThat(read("memory: 300MiB").memory()).isEqualTo(300L << 20);
    environment.put("AFTERBAY_PROFILE", "");
    assertThat(read("").memory()).isNull();
    environment.put("AFTERBAY_PROFILE", "tiny");
    assertThat(refusal("")).isEqualTo("AFTERBAY_PROFILE: tiny: must be small, or not set");
  }

  @Test
  void anUnknownVariableIsRefused() {
    environment.put("AFTERBAY_HTTP_PROT", "1");
    assertThat(refusal(""))
        .startsWith("AFTERBAY_HTTP_PROT: 1: unknown variable; allowed: AFTERBAY_ and one of")
        .contains("HTTP_PORT");
  }

  @Test
  void anUnknownOptionIsRefusedWithAllThatAreKnown() {
    option("queues.orders.lease", "--set", "1s");
    assertThat(refusal("queues: {orders: {}}"))
        .startsWith("--set queues.orders.lease: 1s: unknown name; allowed: admin.address");
  }

  @Test
  void aBadVariableSaysWhereItCameFrom() {
    environment.put("AFTERBAY_HTTP_PORT", "http");
    assertThat(refusal("")).startsWith("http.port (AFTERBAY_HTTP_PORT): http: must be");
  }

  @Test
  void aSecretIsNotRepeated() {
    assertThat(refusal("workers: [{queue: q, http: {url: 'http://h', secret: [hush]}}]"))
        .doesNotContain("hush");
    option("sns.password", "--set", "hush");
    assertThat(refusal("")).contains("sns.password").doesNotContain("hush");
  }

  @Test
  void aValueOfManyLinesIsShownOnOne() {
    assertThat(refusal("data: ok\nauth: \"a\\nb\"")).contains("a\\nb").doesNotContain("\n");
  }

  @Test
  void anEndlessFileIsRefused() {
    String bomb =
        """
        a: &a [x,x,x,x,x,x,x,x,x,x]
        b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
        c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
        d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
        e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]
        """;
    assertThat(refusal(bomb)).contains("must be at most 100000 values");
    assertThat(refusal("a: &a [*a]")).contains("afterbay.yaml");
  }

  @Test
  void aMissingFileIsRefusedOnlyIfItWasNamed() {
    Path missing = folder.resolve("missing.yaml");
    ConfigException refused =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigReader.read(missing, new Overrides(environment, options)));
    assertThat(refused).hasMessage("--config: " + missing + ": must be a file: there is none");
    assertThat(ConfigReader.read(null, new Overrides(environment, options)).http().port())
        .isEqualTo(8080);
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
