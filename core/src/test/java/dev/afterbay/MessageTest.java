package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The rules for names, keys, times and sizes (model.md, Decisions). */
class MessageTest {

  private static final Message MESSAGE = Message.of("note", "hello");

  @Test
  void aTypeIsAName() {
    for (String good : List.of("a", "A.b_c-9", ".a", "...a", "-", "x".repeat(128))) {
      assertThat(Message.of(good, "").type()).isEqualTo(good);
    }
    for (String bad : List.of("", ".", "...", "a b", "a/b", "ä", "a\n", "x".repeat(129))) {
      rejected("type", () -> Message.of(bad, ""));
    }
  }

  @Test
  void sessionsAndKeysArePrintable() {
    for (String good : List.of("a", " ", "a/b?c#d%e", "äöü€", "😀", "x".repeat(256))) {
      assertThat(MESSAGE.session(good).options().session()).isEqualTo(good);
      assertThat(MESSAGE.key(good).options().key()).isEqualTo(good);
    }
    for (String bad :
        List.of("", "a\tb", "\u0000", "\u007f", "\u2028", "\uD83D", "\uDE00a", "x".repeat(257))) {
      rejected("session", () -> MESSAGE.session(bad));
      rejected("key", () -> MESSAGE.key(bad));
    }
  }

  @Test
  void aContentTypeIsPrintableAscii() {
    assertThat(MESSAGE.contentType("a/b; c=\"d\"").contentType()).isEqualTo("a/b; c=\"d\"");
    for (String bad : List.of("", "a\r\nb", "ä", "x".repeat(257))) {
      rejected("content_type", () -> MESSAGE.contentType(bad));
    }
  }

  @Test
  void thereAreTenPriorities() {
    assertThat(MESSAGE.options().priority()).isEqualTo(4);
    assertThat(MESSAGE.priority(0).options().priority()).isZero();
    assertThat(MESSAGE.priority(9).options().priority()).isEqualTo(9);
    rejected("priority", () -> MESSAGE.priority(-1));
    rejected("priority", () -> MESSAGE.priority(10));
  }

  @Test
  void durationsAreZeroToTenYears() {
    assertThat(MESSAGE.delay(Duration.ZERO).options().delay()).isZero();
    assertThat(MESSAGE.timeToLive(Duration.ZERO).options().timeToLive()).isZero();
    for (Duration bad : List.of(Duration.ofNanos(-1), Message.DURATION_MAX.plusNanos(1))) {
      rejected("delay", () -> MESSAGE.delay(bad));
      rejected("ttl", () -> MESSAGE.timeToLive(bad));
      rejected("key_window", () -> MESSAGE.key("k", bad));
    }
  }

  @Test
  void aTimeToRunAtIsInTheYearsThatAStoreCanKeep() {
    Instant first = Instant.parse("0000-01-01T00:00:00Z");
    Instant last = Instant.parse("9999-12-31T23:59:59.999Z");
    assertThat(MESSAGE.notBefore(first).options().notBefore()).isEqualTo(first);
    assertThat(MESSAGE.notBefore(last).options().notBefore()).isEqualTo(last);
    for (Instant bad : List.of(first.minusNanos(1), last.plusMillis(1), Instant.MIN, Instant.MAX)) {
      rejected("run_at", () -> MESSAGE.notBefore(bad));
      rejected("run_at", () -> Due.at(bad));
    }
  }

  @Test
  void aTimeAndADelayContradictEachOther() {
    rejected("delay", () -> MESSAGE.notBefore(Instant.EPOCH).delay(Duration.ZERO));
    rejected("delay", () -> MESSAGE.delay(Duration.ZERO).notBefore(Instant.EPOCH));
  }

  @Test
  void attributesAreLimited() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < Message.ATTRIBUTES_MAX; i++) {
      many.put("a" + i, "");
    }
    assertThat(MESSAGE.attributes(many).attributes()).isEqualTo(many);
    many.put("one more", "");
    rejected("attributes", () -> MESSAGE.attributes(many));
    rejected("attributes", () -> MESSAGE.attributes(Map.of("", "")));
    rejected("attributes", () -> MESSAGE.attributes(Map.of("x".repeat(129), "")));
  }

  /** A copy looks for equal names, which takes long where a stranger chose names of one hash. */
  @Test
  void tooManyAttributesAreRefusedBeforeOneIsLookedAt() {
    Map<String, String> many =
        new AbstractMap<>() {
          @Override
          public int size() {
            return Message.ATTRIBUTES_MAX + 1;
          }

          @Override
          public Set<Entry<String, String>> entrySet() {
            throw new AssertionError("looked at");
          }
        };
    rejected("attributes", () -> MESSAGE.attributes(many));
  }

  @Test
  void attributesAreCountedInUtf8() {
    assertThat(MESSAGE.attributes(Map.of("ä", "€")).attributesBytes()).isEqualTo(5);
  }

  @Test
  void eachOptionLeavesTheOthersAlone() {
    Message all =
        MESSAGE
            .session("s")
            .key("k", Duration.ofHours(1))
            .priority(1)
            .delay(Duration.ofSeconds(2))
            .timeToLive(Duration.ofSeconds(3))
            .maxAttempts(4)
            .correlationId("c")
            .tracked();
    assertThat(all.options())
        .isEqualTo(
            new Message.Options(
                "s",
                "k",
                Duration.ofHours(1),
                1,
                null,
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                4,
                "c",
                true));
    rejected("max_attempts", () -> MESSAGE.maxAttempts(0));
    rejected("correlation_id", () -> MESSAGE.correlationId("a\nb"));
  }

  @Test
  void aCopyIsSentOnWithoutKeyAndTimes() {
    Message received =
        MESSAGE
            .attributes(Map.of("a", "b"))
            .session("s")
            .priority(7)
            .correlationId("c")
            .key("k", Duration.ofHours(1))
            .delay(Duration.ofSeconds(2))
            .timeToLive(Duration.ofSeconds(3));
    assertThat(received.copy())
        .isEqualTo(
            MESSAGE.attributes(Map.of("a", "b")).session("s").priority(7).correlationId("c"));
  }

  @Test
  void messagesAreEqualByTheirContent() {
    assertThat(Message.of("note", "hello")).isEqualTo(MESSAGE).hasSameHashCodeAs(MESSAGE);
    assertThat(Message.of("note", "hallo")).isNotEqualTo(MESSAGE);
    assertThat(MESSAGE.priority(5)).isNotEqualTo(MESSAGE);
    assertThat(MESSAGE.toString()).doesNotContain("hello");
  }

  @Test
  void aLongReasonIsCutOff() {
    String reason = "x".repeat(Outcome.REASON_CHARS_MAX + 1);
    assertThat(((Outcome.Fail) Outcome.fail(reason)).reason()).hasSize(Outcome.REASON_CHARS_MAX);
    assertThat(((Outcome.Retry) Outcome.retry(reason)).reason()).hasSize(Outcome.REASON_CHARS_MAX);
  }

  /** One from outside of these would stop the store that should write it. */
  @Test
  void timesHaveYearsOfFourDigits() {
    for (String good : List.of("0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z")) {
      Instant time = Instant.parse(good);
      assertThat(MESSAGE.notBefore(time).options().notBefore()).isEqualTo(time);
      assertThat(Due.at(time)).isEqualTo(new Due.At(time));
    }
    for (Instant bad :
        List.of(
            Instant.MIN,
            Instant.MAX,
            Instant.parse("+10000-01-01T00:00:00Z"),
            Instant.parse("-999999999-01-01T00:00:00Z"))) {
      rejected("run_at", () -> MESSAGE.notBefore(bad));
      rejected("run_at", () -> Due.at(bad));
      rejected("created_after", () -> Jobs.JobQuery.ALL.createdAfter(bad));
    }
  }

  @Test
  void anIdIsTheTextOfAUuid() {
    String text = "019b76da-a800-7000-8000-00000000000a";
    JobId id = JobId.parse(text);
    assertThat(id).hasToString(text);
    assertThat(id.madeAtMillis()).isEqualTo(0x019b76daa800L);
    for (String bad : List.of("", "1-1-1-1-1", "x", text + "0", text.replace('-', '_'))) {
      rejected("id", () -> JobId.parse(bad));
    }
  }

  private static void rejected(String field, ThrowingCallable call) {
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .isThrownBy(call)
        .matches(e -> e.field().equals(field) && !e.tooLarge());
  }
}
