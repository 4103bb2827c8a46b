package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes and JSON: sns.md 0.6, 1 and 3.2. Each body is a genuine message but for one thing. */
class BodyRulesTest {
  private static final String GOOD = TestMessage.notification().signed().json();

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource({"texts", "encodings"})
  void isAnswered(String situation, String answer, byte[] body) throws Exception {
    assertThat(TestWebhook.brief(TestWebhook.withCertificate().post(body, Map.of())))
        .as(situation)
        .isEqualTo(answer);
  }

  static Stream<Arguments> texts() {
    return Stream.of(
        text("as it is", "200", GOOD),
        text("blanks around", "200", "\r\n\t " + GOOD + " \r\n\t"),
        text("no blanks", "200", GOOD.replaceAll("\\s*\\R\\s*", "")),
        text("escapes", "200", GOOD.replace("\"Hi\"", "\"\\u0048\\u0069\"")),
        text("an escaped name", "200", GOOD.replace("\"Subject\"", "\"\\u0053ubject\"")),
        text("empty", "400 not-an-object", ""),
        text("blank", "400 not-an-object", "  \n"),
        text("a list", "400 not-an-object", "[" + GOOD + "]"),
        text("a string", "400 not-an-object", "\"x\""),
        text("null", "400 not-an-object", "null"),
        text("no JSON", "400 bad-json", "order 42"),
        text("half", "400 bad-json", GOOD.substring(0, GOOD.length() / 2)),
        text("without its end", "400 bad-json", GOOD.substring(0, GOOD.length() - 1)),
        text("byte order mark", "400 bad-json", "\uFEFF" + GOOD),
        text("two", "400 trailing-data", GOOD + GOOD),
        text("a brace more", "400 trailing-data", GOOD + "}"),
        text("NUL behind", "400 trailing-data", GOOD + "\0"),
        text("duplicate", "400 bad-json", first("\"Message\" : \"evil\"")),
        text("escaped duplicate", "400 bad-json", first("\"Messag\\u0065\" : \"evil\"")),
        text("unknown duplicate", "400 bad-json", first("\"x\" : 1, \"x\" : 1")),
        text("nested duplicate", "400 bad-json", first("\"x\" : {\"y\" : 1, \"y\" : 1}")),
        text("comment", "400 bad-json", first("/* x */ \"x\" : 1")),
        text("line comment", "400 bad-json", first("// x\n \"x\" : 1")),
        text("hash comment", "400 bad-json", first("# x\n \"x\" : 1")),
        text("single quotes", "400 bad-json", first("'x' : 1")),
        text("unquoted name", "400 bad-json", first("x : 1")),
        text("two commas", "400 bad-json", first("\"x\" : 1,")),
        text("comma at the end", "400 bad-json", GOOD.replaceAll("\\s*}\\s*$", ",}")),
        text("NaN", "400 bad-json", first("\"x\" : NaN")),
        text("leading zero", "400 bad-json", first("\"x\" : 01")),
        text("plus", "400 bad-json", first("\"x\" : +1")),
        text("half a number", "400 bad-json", first("\"x\" : 1.")),
        text("wrong escape", "400 bad-json", first("\"x\" : \"\\q\"")),
        text("tab in a string", "400 bad-json", GOOD.replace("\"Hi\"", "\"H\ti\"")),
        text("line in a string", "400 bad-json", GOOD.replace("\"Hi\"", "\"H\ni\"")),
        text("depth 16", "200", first("\"x\" : " + nested(15))),
        text("depth 17", "400 bad-json", first("\"x\" : " + nested(16))),
        text("depth 100,000", "400 bad-json", first("\"x\" : " + nested(100_000))),
        text("unclosed depth", "400 bad-json", "{\"x\":".repeat(100_000)),
        text("a long name", "400 bad-json", first("\"" + "x".repeat(5_000) + "\" : 1")),
        text("a large number", "200", first("\"x\" : 1e999999999")),
        text("half a pair", "400 bad-character:Message", message("\\ud800")),
        text("the other half", "400 bad-character:Message", message("\\udc00x")),
        text("the wrong way round", "400 bad-character:Message", message("\\ude00\\ud83d")),
        text("half a pair in a name", "400 bad-json", first("\"\\ud800\" : 1")),
        text("deep half", "400 bad-character:unknown field", first("\"x\":[{\"y\":\"\\ud800\"}]")),
        text("NUL escaped", "400 bad-character:Message", message("\\u0000")));
  }

  static Stream<Arguments> encodings() {
    return Stream.of(
        encoded("UTF-16 with mark", "400 bad-utf8", StandardCharsets.UTF_16),
        encoded("UTF-16 without", "400 bad-json", StandardCharsets.UTF_16LE),
        encoded("UTF-32", "400 bad-json", StandardCharsets.UTF_32BE),
        bytes("Latin-1", "400 bad-utf8", 0xe4),
        bytes("overlong", "400 bad-utf8", 0xc0, 0xaf),
        bytes("a surrogate in UTF-8", "400 bad-utf8", 0xed, 0xa0, 0x80),
        bytes("beyond Unicode", "400 bad-utf8", 0xf4, 0x90, 0x80, 0x80),
        bytes("cut short", "400 bad-utf8", 0xe2, 0x82),
        bytes("FF", "400 bad-utf8", 0xff));
  }

  @Test
  void aBodyOfTheLimitIsReadAndOneByteMoreIsNot() throws Exception {
    TestWebhook webhook = TestWebhook.withCertificate();
    byte[] body = TestMessage.notification().with("Message", "x".repeat(5_000)).signed().body();
    webhook.settings = limit(body.length);
    assertThat(TestWebhook.brief(webhook.post(body, Map.of()))).isEqualTo("200");

    webhook.settings = limit(body.length - 1);
    assertThat(TestWebhook.brief(webhook.post(body, Map.of()))).isEqualTo("413 body-too-large");
  }

  @Test
  void threeMebibytesAreTooLargeByDefault() throws Exception {
    TestMessage huge = TestMessage.notification().with("Message", "x".repeat(3 << 20)).signed();

    assertThat(TestWebhook.withCertificate().answer(huge)).isEqualTo("413 body-too-large");
  }

  @Test
  void aMessageOfTheLargestSizeThatSnsAllowsIsRead() throws Exception {
    TestMessage large =
        TestMessage.notification().with("Message", "\t\"\u00e4".repeat(64 << 10)).signed();

    assertThat(TestWebhook.withCertificate().answer(large)).isEqualTo("200");
  }

  private static SnsSettings limit(int bytes) {
    SnsSettings usual = SnsSettings.defaults();
    return new SnsSettings(usual.maxAge(), usual.futureTolerance(), bytes, 403);
  }

  private static String first(String field) {
    return "{" + field + "," + GOOD.substring(1);
  }

  private static String message(String escape) {
    return GOOD.replace("\"{\\\"order\\\":42}\"", "\"" + escape + "\"");
  }

  private static String nested(int levels) {
    return "[".repeat(levels) + "]".repeat(levels);
  }

  private static Arguments text(String situation, String answer, String body) {
    return arguments(situation, answer, body.getBytes(StandardCharsets.UTF_8));
  }

  private static Arguments encoded(String situation, String answer, Charset charset) {
    return arguments(situation, answer, GOOD.getBytes(charset));
  }

  /** The bytes stand for the subject. */
  private static Arguments bytes(String situation, String answer, int... unsigned) {
    char[] characters = new char[unsigned.length];
    for (int i = 0; i < unsigned.length; i++) {
      characters[i] = (char) unsigned[i];
    }
    String body = GOOD.replace("\"Hi\"", "\"" + new String(characters) + "\"");
    return arguments(situation, answer, body.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void manyNamesAreReadInLinearTime() {
    StringBuilder names = new StringBuilder("\"n\":\"\"");
    for (int i = 0; i < 130_000; i++) {
      names.append(",\"").append(collidingName(i)).append("\":\"\"");
    }
    String[] bodies = {
      "{" + names + "}",
      "{\"unknown\":{" + names + "}}",
      "{\"MessageAttributes\":{"
          + names.toString().replace("\"\"", "{\"Type\":\"\",\"Value\":\"\"}")
          + "}}"
    };
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          for (String body : bodies) {
            assertThatThrownBy(() -> EnvelopeParser.parse(body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("there is no Type");
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"Type\":\"a\"", "{\"Type\":\"a\"]", "{\"x\":[1}", "{\"x\":[1"})
  void whatIsNoJsonIsToldWithoutTheSourceOfTheParser(String body) {
    assertThatThrownBy(() -> EnvelopeParser.parse(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(RefusedException.class)
        .hasMessageNotContaining("ource");
  }

  /** All of them have the same hash code. */
  private static String collidingName(int number) {
    StringBuilder name = new StringBuilder();
    for (int bit = 0; bit < 17; bit++) {
      name.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return name.toString();
  }
}
