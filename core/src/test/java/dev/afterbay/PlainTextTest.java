package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PlainTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0000", "\u001B", "\u007F", "\u0085", "\u009B", "\u2028", "\u2029", "\u061C", "\u200E",
        "\u200F", "\u202A", "\u202E", "\u2066", "\u2069", "\uD83D", "\uDE00"
      })
  void whatAPlaceMightObeyIsReplaced(String character) {
    assertThat(PlainText.lines("a" + character + "b", 10)).isEqualTo("a\uFFFDb");
    assertThat(PlainText.line(character, 10)).isEqualTo("\uFFFD");
  }

  @Test
  void textStaysAsItIs() {
    String text = "Größe 5 %, 大小, شكرا, \uD83D\uDE00\u200D, \u00A0";
    assertThat(PlainText.lines(text, 100)).isSameAs(text);
    assertThat(PlainText.line(text, 100)).isSameAs(text);
  }

  @Test
  void linesAreKeptOrJoined() {
    assertThat(PlainText.lines("a\n\tb\r\nc", 100)).isEqualTo("a\n\tb \nc");
    assertThat(PlainText.line("a\n\tb\r\nc", 100)).isEqualTo("a  b  c");
  }

  @Test
  void aPairIsNeverCutInItsMiddle() {
    assertThat(PlainText.cut("a\uD83D\uDE00b", 1)).isEqualTo("a");
    assertThat(PlainText.cut("a\uD83D\uDE00b", 2)).isEqualTo("a");
    assertThat(PlainText.cut("a\uD83D\uDE00b", 3)).isEqualTo("a\uD83D\uDE00");
    assertThat(PlainText.cut("a\uD83D\uDE00b", 4)).isEqualTo("a\uD83D\uDE00b");
    assertThat(PlainText.cut("a", 0)).isEmpty();
    assertThat(PlainText.lines("\uD83D\uDE00", 1)).isEmpty();
  }

  @Test
  void reasonsAreSafeToShow() {
    String face = "\uD83D\uDE00";
    String longest = "x".repeat(Outcome.REASON_CHARS_MAX - 1);
    assertThat(((Outcome.Retry) Outcome.retry(longest + face)).reason()).isEqualTo(longest);
    assertThat(((Outcome.Fail) Outcome.fail("at A\n\tat B\u009B2J\u202E")).reason())
        .isEqualTo("at A\n\tat B\uFFFD2J\uFFFD");
  }
}
