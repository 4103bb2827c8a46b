package dev.afterbay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors of one cause look the same without what differs between their jobs. */
final class ErrorFingerprintTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          timeout after 30 s                                   | timeout after # s
          timeout after 1.5s                                   | timeout after #s
          took 2026-11-20T09:30:00.123Z                        | took #T#Z
          no user 17 at "ada@example.org"                      | no user # at "*"
          no such user: 'O'Brien', can't go on                 | no such user: '*', can't go on
          cannot reach 10.0.0.1:5432                           | cannot reach #
          cannot reach [fe80::1%3]:25                          | cannot reach [<address>]:#
          GET https://api.example.org/v1/users/7?x=y: 503      | GET <address>: #
          550 <ada@example.org> unknown                        | # <<address>> unknown
          550 to bob@example.org.                              | # to <address>.
          order 0190c3a4-7b1e-7abc-8def-abcdefabcdef is gone   | order <id> is gone
          order 0190C3A4-7B1E-7ABC-8DEF-ABCDEFABCDEF is gone   | order <id> is gone
          java.net.ConnectException: refused                   | java.net.ConnectException: refused
          Order@1b6d3586 is broken                             | Order@<id> is broken
          commit 9fceb02 not found                             | commit <id> not found
          key AKIAIOSFODNN7EXAMPLE is wrong                    | key <id> is wrong
          SQLState=08006, worker-3                             | SQLState=#, worker-#
          ids 1, 2, 3 and 4                                    | ids # and #
          ids 1 and 4                                          | ids # and #
          at Foo.java:12                                       | at Foo.java:#
          the façade is Σ2 wide                                | the façade is Σ# wide
          it"s                                                 | it"s
          an "open quote                                       | an "open quote
          """)
  void whatDiffersIsReplaced(String error, String fingerprint) {
    assertThat(ErrorFingerprint.of(error)).isEqualTo(fingerprint);
  }

  @Test
  void blanksAndLinesDoNotMatter() {
    assertThat(ErrorFingerprint.of(" refused\n\tby  peer ")).isEqualTo("refused by peer");
    assertThat(ErrorFingerprint.of("")).isEqualTo("(no text)");
    assertThat(ErrorFingerprint.of(" \n")).isEqualTo("(no text)");
  }

  @Test
  void itIsShortAndCostsLittleWhateverTheErrorIs() {
    String[] evil = {
      "\"".repeat(2_048), "'a ".repeat(700), "1.".repeat(1_024), "a1".repeat(1_024),
      "@.".repeat(1_024), "::".repeat(1_024), "-".repeat(2_048), "# ".repeat(1_024),
      "1 , ".repeat(512), "\uD83D\uDE00".repeat(1_024), "\"a\" \"b".repeat(300)
    };
    long started = System.nanoTime();
    for (int i = 0; i < 1_000; i++) {
      for (String error : evil) {
        assertThat(ErrorFingerprint.of(error).length()).isBetween(1, ErrorFingerprint.CHARS_MAX);
      }
    }
    // 11,000 in far less than a second each; a blow-up would take minutes.
    assertThat(System.nanoTime() - started).isLessThan(60_000_000_000L);
  }

  @Test
  void itIsAFunctionOfAnyText() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String signs = "ab1 '\"`@.:/-#<>(),;=\n\u00e9\uD83D\u201C\u201D";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(60); n > 0; n--) {
        text.append(signs.charAt(random.nextInt(signs.length())));
      }
      String first = ErrorFingerprint.of(text.toString());
      assertThat(first).as("seed " + seed).isNotBlank().isEqualTo(ErrorFingerprint.of(text + ""));
    }
  }
}
