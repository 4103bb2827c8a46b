package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.afterbay.Event;
import dev.afterbay.Message;
import dev.afterbay.Watch;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code handler: email} in the configuration. */
@Timeout(60)
final class EmailConfigTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{from: 'A <a@b.example>', smtp: {host: h}}",
        "{from: a@b.example, smtp: {host: h, port: 587, tls: starttls, user: u, password: p,"
            + " pool: 4, timeout: 30s, idle: 1m, lifetime: 10m}}",
        "{from: a@b.example, preset: ses, region: eu-west-1, smtp: {user: u, password: p}}",
        "{from: a@b.example, preset: gmail, smtp: {tls: tls, port: 465}}",
        "{from: a@b.example, preset: mailgun}",
        "{from: a@b.example, cloudflare: {account: abc, token: t, api: 'http://127.0.0.1:1/v4'}}"
      })
  void theDocumentedSettingsAreTaken(String email) throws IOException {
    assertThat(read(email).workers()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      textBlock =
          """
          {smtp: {host: h}} => workers[0].email.from: (default): must be given
          {from: a, smtp: {host: h}} => workers[0].email.from: a: must be an address such as
          {from: a@b.c, smtp: {host: 'h h'}} => workers[0].email.smtp.host: h h: must be a host name
          {from: a@b.c, smtp: {port: 25}} => workers[0].email.smtp.host: (default): must be given, or a preset
          {from: a@b.c, smtp: {host: h, port: 0}} => workers[0].email.smtp.port: 0: must be
          {from: a@b.c, smtp: {host: h, tls: maybe}} => workers[0].email.smtp.tls: maybe: must be one of none, starttls, tls
          {from: a@b.c, smtp: {host: h, pool: 0}} => workers[0].email.smtp.pool: 0: must be
          {from: a@b.c, smtp: {host: h, timeout: 2h}} => workers[0].email.smtp.timeout: 2h: timeout must be 1 ms to 1 h
          {from: a@b.c, smtp: {host: h, user: u}} => workers[0].email.smtp.password: (hidden): must be given with
          {from: a@b.c, smtp: {host: h, password: hush}} => workers[0].email.smtp.user: (default): must be given with
          {from: a@b.c, smtp: {host: h, user: u, password: "hu\\nsh"}} => workers[0].email.smtp.password: (hidden): password must
          {from: a@b.c, smtp: {host: h, retries: 1}} => workers[0].email.smtp.retries: 1: unknown name
          {from: a@b.c, preset: aol} => workers[0].email.preset: aol: must be
          {from: a@b.c, preset: gmail, region: eu} => workers[0].email.region: eu: must be left out
          {from: a@b.c, smtp: {host: h}, region: eu} => workers[0].email.region: eu: is for a preset
          {from: a@b.c, cloudflare: {account: a}} => workers[0].email.cloudflare.token: (default): must be given
          {from: a@b.c, cloudflare: {account: a, token: 'h ush'}} => workers[0].email.cloudflare.token: (hidden): token must
          {from: a@b.c, cloudflare: {account: a, token: t, api: 'ftp://h'}} => workers[0].email.cloudflare.api: ftp://h: api must be
          {from: a@b.c, smtp: {host: h}, cloudflare: {account: a, token: t}} => workers[0].email.cloudflare: {...}: contradicts
          """)
  void whatIsWrongIsNamed(String email, String line) {
    ConfigException refused = catchThrowableOfType(ConfigException.class, () -> read(email));
    assertThat(refused).isNotNull();
    assertThat(refused.getMessage()).startsWith(line).doesNotContain("hush");
  }

  @Test
  void withoutSettingsAJobFailsAndNamesThem() throws Exception {
    try (MemoryStore store = MemoryStore.open();
        Engine engine = Engine.open(store);
        Watch watch = engine.jobs().orElseThrow().watch(null);
        ConfiguredWorkers _ = ConfiguredWorkers.start(read("{}"), engine)) {
      engine.queue("mail").send(Message.of("email", "{}"));
      assertThat(failure(watch).error()).startsWith("no SMTP settings: set workers[].email.smtp");
    }
  }

  private static Event failure(Watch watch) throws InterruptedException {
    while (true) {
      List<Event> next = watch.next(1, Duration.ofSeconds(30));
      assertThat(next).isNotEmpty();
      if (next.getFirst().type() == Event.Type.FAILED) {
        return next.getFirst();
      }
    }
  }

  private Config read(String email) throws IOException {
    String yaml = "workers: [{queue: mail, type: email, handler: email, email: " + email + "}]";
    Path file = Files.writeString(folder.resolve("afterbay.yaml"), yaml);
    return ConfigReader.read(file, new Overrides(Map.of(), Map.of()));
  }
}
