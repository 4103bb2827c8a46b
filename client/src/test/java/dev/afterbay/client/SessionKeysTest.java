package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.afterbay.BrokerException;
import dev.afterbay.Message;
import dev.afterbay.SessionKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Here, for pointers into JSON need this module. */
final class SessionKeysTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:30:00Z");
  private static final String BODY =
      """
      {"id": 7, "a/b": "slash", "m~n": "tilde", "deep": {"list": ["x", {"y": true}]},
       "none": null, "": "empty", "text": "a b", "blank": "", "1.50": 1.50}\
      """;

  @ParameterizedTest
  @CsvSource({
    "/id, 7",
    "/a~1b, slash",
    "/m~0n, tilde",
    "/deep/list/0, x",
    "/deep/list/1/y, true",
    "/, empty",
    "/text, a b",
    "/1.50, 1.5",
    "tenant, acme",
    "/deep, ",
    "/deep/list/2, ",
    "/deep/list/-, ",
    "/deep/list/01, ",
    "/none, ",
    "/blank, ",
    "/nothing/there, ",
    "nothing, "
  })
  void aFieldIsAnAttributeOrAPlaceInTheBody(String field, String expected) {
    assertThat(session(SessionKeys.field(field))).isEqualTo(expected);
  }

  @Test
  void aBodyThatIsNotJsonHasNoFields() {
    for (String body : new String[] {"", "{", "{\"id\":7", "[1", "nul", "\u0000"}) {
      assertThat(SessionKeys.field("/id").of(Map.of(), body.getBytes(StandardCharsets.UTF_8), NOW))
          .as(body)
          .isEmpty();
    }
  }

  @Test
  void keysAreMadeOfEachOther() {
    assertThat(session(SessionKeys.none())).isNull();
    assertThat(session(SessionKeys.field("tenant", "t-"))).isEqualTo("t-acme");
    assertThat(session(SessionKeys.composite("/", "tenant", "/id"))).isEqualTo("acme/7");
    assertThat(session(SessionKeys.composite("/", "tenant", "/nothing"))).isNull();
    SessionKeys first =
        SessionKeys.firstOf(SessionKeys.field("/nothing"), SessionKeys.field("/id"));
    assertThat(session(first)).isEqualTo("7");
  }

  @Test
  void aPartitionEndsWithItsPeriod() {
    SessionKeys hourly = SessionKeys.partitioned(SessionKeys.field("tenant"), Duration.ofHours(1));
    String first = session(hourly);
    assertThat(first).startsWith("acme@");
    assertThat(session(hourly, NOW.plusSeconds(29 * 60))).isEqualTo(first);
    assertThat(session(hourly, NOW.plusSeconds(30 * 60))).isNotEqualTo(first).startsWith("acme@");
    assertThat(session(SessionKeys.partitioned(SessionKeys.none(), Duration.ofHours(1)))).isNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SessionKeys.partitioned(SessionKeys.none(), Duration.ZERO));
  }

  @Test
  void whatIsNoNameOfASessionBecomesItsHash() {
    String long1 =
        SessionKeys.field("a").of(Map.of("a", "x".repeat(257)), bytes(), NOW).orElseThrow();
    String long2 =
        SessionKeys.field("a").of(Map.of("a", "x".repeat(258)), bytes(), NOW).orElseThrow();
    assertThat(long1).matches("sha256:[0-9a-f]{64}").isNotEqualTo(long2);
    assertThat(SessionKeys.field("a").of(Map.of("a", "line\nbreak"), bytes(), NOW).orElseThrow())
        .startsWith("sha256:");
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .isThrownBy(() -> SessionKeys.field("/a~2"));
  }

  @Test
  void aMessageIsPutIntoItsSession() {
    Message message = Message.of("t", BODY);
    assertThat(SessionKeys.field("/id").in(message, NOW).options().session()).isEqualTo("7");
    assertThat(SessionKeys.field("x").in(message, NOW)).isSameAs(message);
  }

  private static String session(SessionKeys keys) {
    return session(keys, NOW);
  }

  private static String session(SessionKeys keys, Instant now) {
    return keys.of(Map.of("tenant", "acme"), bytes(), now).orElse(null);
  }

  private static byte[] bytes() {
    return BODY.getBytes(StandardCharsets.UTF_8);
  }
}
