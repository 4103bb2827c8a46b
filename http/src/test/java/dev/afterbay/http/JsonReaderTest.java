package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException.Rejected;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonReaderTest {

  private static final byte[] BEFORE = "{}\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] BEHIND = "\n{\"a\":\"\"}".getBytes(StandardCharsets.UTF_8);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"\"}",
        "{\"a\":\"plain\"}",
        "{ \"a\" :\t\"plain\" , \"b\":\"more\" }",
        "{\"a\":\"né, 日本, \uD83D\uDE00, \u007f\"}",
        "{\"a\":\"a quote \\\" and \\\\ and \\u00e9 and \\n\"}",
        "{\"a\":\"\\ud83d\\ude00\"}",
        "{\"a\":\"half a pair: \\ud83d\"}",
        "{\"a\":\"no such escape: \\x\"}",
        "{\"a\":\"control \t character\"}",
        "{\"a\":\"control \u0000 character\", \"b\":\"\"}",
        "{\"a\":\"no end",
        "{\"a\":\"no end \\",
        "{\"a\":\"no end of the object\"",
        "{\"a\":\"behind it\"}}",
        "{\"a\":null}",
        "{\"a\":5}",
        "{\"a\":{\"b\":\"x\"}}"
      })
  void bytesOfAStringAreThoseOfItsText(String line) {
    BiFunction<JsonReader, String, byte @Nullable []> byText =
        (json, name) -> {
          String text = json.text(name);
          return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
        };
    assertThat(outcome(line, JsonReader::utf8)).isEqualTo(outcome(line, byText));
  }

  /** The bytes as text, or why there are none. */
  private static String outcome(
      String line, BiFunction<JsonReader, String, byte @Nullable []> read) {
    byte[] middle = line.getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(BEFORE, BEFORE.length + middle.length + BEHIND.length);
    System.arraycopy(middle, 0, all, BEFORE.length, middle.length);
    System.arraycopy(BEHIND, 0, all, BEFORE.length + middle.length, BEHIND.length);
    StringBuilder found = new StringBuilder();
    try (JsonReader json = JsonReader.strict(all, BEFORE.length, middle.length)) {
      json.root(name -> {
        byte[] bytes = read.apply(json, name);
        found.append(name).append('=').append(Arrays.toString(bytes));
        return true;
      });
      return found.toString();
    } catch (Rejected e) {
      return e.field() + ": " + e.getMessage();
    }
  }

  @Test
  void utf8IsToldFromOtherBytesWhereverTheyStand() {
    byte[] letters = "é日\uD83D\uDE00".getBytes(StandardCharsets.UTF_8);
    for (int before = 0; before < 20; before++) {
      for (int after = 0; after < 20; after++) {
        byte[] good = new byte[before + letters.length + after];
        Arrays.fill(good, (byte) 'a');
        System.arraycopy(letters, 0, good, before, letters.length);
        assertThat(Json.isUtf8(good, 0, good.length)).isTrue();
        assertThat(Json.isUtf8(good, before, letters.length)).isTrue();
        assertThat(Json.isUtf8(good, 0, before)).isTrue();
        assertThat(Json.isUtf8(good, 0, before + 1)).isFalse();
        byte[] bad = good.clone();
        bad[before] = (byte) 0x80;
        assertThat(Json.isUtf8(bad, 0, bad.length)).isFalse();
        assertThat(Json.isUtf8(bad, before + 1, 0)).isTrue();
      }
    }
  }
}
