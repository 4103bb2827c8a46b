package dev.afterbay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.QueueSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of settings. */
class SettingCodecTest {

  @Test
  void whatJavaWritesIsRead() {
    for (long whole : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertThat(SettingCodec.whole(Long.toString(whole))).isEqualTo(whole);
    }
    for (double decimal : new double[] {0, -0.0, 1e-5, Double.MIN_VALUE, Double.MAX_VALUE}) {
      assertThat(SettingCodec.decimal(Double.toString(decimal))).isEqualTo(decimal);
    }
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 1_000; i++) {
      double decimal = random.nextDouble(-100, 100) * Math.pow(10, random.nextInt(-30, 30));
      assertThat(SettingCodec.decimal(Double.toString(decimal)))
          .as("seed " + seed)
          .isEqualTo(decimal);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"5d", "5f", "0x1p3", "NaN", "Infinity", "+5", " 5", "", ".5", "5.", "٥"})
  void whatOnlyItsParserTakesIsNoFactor(String text) {
    Map<String, String> values = new LinkedHashMap<>(SettingCodec.of(QueueSettings.STANDARD));
    values.put("backoff.factor", text);
    Setting setting = new Setting(Setting.QUEUE, "q", 1, values);
    assertThatExceptionOfType(Rejected.class)
        .isThrownBy(() -> SettingCodec.requireReadable(setting))
        .withMessageContaining("not a decimal number: " + text);
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> SettingCodec.whole(text));
  }
}
