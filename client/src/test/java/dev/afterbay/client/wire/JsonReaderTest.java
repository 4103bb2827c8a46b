package dev.afterbay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
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

  /** A hundred thousand names took half a minute when each was compared with all before it. */
  @Test
  void anObjectOfManyNamesIsReadInLinearTime() {
    byte[] many = object(200_000, "");
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          try (JsonReader json = JsonReader.lenient(many)) {
            json.root(_ -> false);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 18, 100})
  void aNameIsFoundTwiceHoweverManyStandBetween(int names) {
    for (int twice = 0; twice < names; twice++) {
      byte[] object = object(names, ",\"n" + twice + "\":0");
      String name = "n" + twice;
      try (JsonReader json = JsonReader.lenient(object)) {
        assertThatThrownBy(() -> json.root(_ -> false))
            .isInstanceOf(Rejected.class)
            .hasMessage(name + " is given twice");
      }
    }
  }

  /** With the members n0, n1, ... and something more. */
  private static byte[] object(int names, String more) {
    StringBuilder object = new StringBuilder("{\"n0\":0");
    for (int i = 1; i < names; i++) {
      object.append(",\"n").append(i).append("\":0");
    }
    return object.append(more).append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void attributesEndAtTheirLimitsAndNotAtTheEndOfTheObject() {
    String sixtyFour = attributes(64);
    assertThat(readAttributes("{\"a\":{" + sixtyFour + "}}", 64 * 4)).hasSize(64);
    assertThatThrownBy(() -> readAttributes("{\"a\":{" + sixtyFour + "}}", 64 * 4 - 1))
        .isInstanceOfSatisfying(Rejected.class, e -> assertThat(e.tooLarge()).isTrue())
        .hasMessage("a must have at most 255 bytes in all");
    // What follows the limit is not looked at: it is no JSON.
    assertThatThrownBy(() -> readAttributes("{\"a\":{" + attributes(65) + ", broken", 1_000))
        .isInstanceOf(Rejected.class)
        .hasMessage("a must be at most 64");
    String tooLong = "{\"a\":{\"ä€\uD83D\uDE00\":\"12345678\", broken";
    assertThatThrownBy(() -> readAttributes(tooLong, 16))
        .hasMessage("a must have at most 16 bytes in all");
    assertThat(readAttributes("{\"a\":{\"ä€\uD83D\uDE00\":\"1234567\"}}", 16)).hasSize(1);
  }

  @Test
  void aLimitOfTheParserIsToldWithoutItsCode() {
    String name = "n".repeat(Message.JSON_NAME_CHARS_MAX + 1);
    assertThatThrownBy(() -> readAttributes("{\"" + name + "\":1}", 16))
        .isInstanceOf(Rejected.class)
        .hasMessageStartingWith("the JSON is over a limit: ")
        .hasMessageContaining(String.valueOf(Message.JSON_NAME_CHARS_MAX))
        .hasMessageNotContaining("StreamReadConstraints");
  }

  /** Each has two characters, and a value of two. */
  private static String attributes(int count) {
    StringBuilder text = new StringBuilder("\"10\":\"xx\"");
    for (int i = 1; i < count; i++) {
      text.append(",\"").append(10 + i).append("\":\"xx\"");
    }
    return text.toString();
  }

  private static Map<String, String> readAttributes(String text, int bytesMax) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Map<String, String> read = new HashMap<>();
    try (JsonReader json = JsonReader.strict(bytes, 0, bytes.length)) {
      json.root(name -> {
        read.putAll(json.required(name, json.attributes(name, bytesMax)));
        return true;
      });
    }
    return read;
  }
}
