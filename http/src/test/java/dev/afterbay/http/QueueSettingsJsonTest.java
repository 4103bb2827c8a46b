package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.QueueSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Settings of queues that are in a file. */
final class QueueSettingsJsonTest {

  @Test
  void settingsAreReadFromAFileToo() {
    byte[] json = "{\"lease\":\"1m\"}".getBytes(StandardCharsets.UTF_8);
    QueueSettings base = QueueSettings.STANDARD.maxAttempts(9);
    assertThat(QueueSettingsJson.read(json, base)).isEqualTo(base.lease(Duration.ofMinutes(1)));
  }
}
