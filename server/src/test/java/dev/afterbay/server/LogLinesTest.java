package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LogLinesTest {

  @Test
  void anEventIsOneLineWithNothingThatATerminalObeys() {
    assertThat(LogLines.oneLine(" WARN a: b\r\n  at c\u2028d\u0085e\n"))
        .isEqualTo("WARN a: b | at c | d | e");
    assertThat(LogLines.oneLine("a\u001B[2J\u009B2Jb\u202Ec\uD800\td"))
        .isEqualTo("a\uFFFD[2J\uFFFD2Jb\uFFFDc\uFFFD d");
  }
}
