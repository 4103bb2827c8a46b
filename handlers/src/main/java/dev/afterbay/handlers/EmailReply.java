package dev.afterbay.handlers;

import dev.afterbay.PlainText;
import java.util.Locale;

/**
 * What came of an e-mail to one recipient.
 *
 * @param code of SMTP or HTTP; 0: there was none
 * @param text the rest of the reply, or what went wrong; one plain line
 */
record EmailReply(State state, int code, String text) {

  /** What is kept of a reply. */
  static final int TEXT_CHARS_MAX = 200;

  /** Whether a recipient is decided. */
  enum State {
    ACCEPTED('a'),
    REJECTED('r'),
    /** To be tried again. */
    PENDING('p');

    /** As a checkpoint keeps it. */
    private final char letter;

    State(char letter) {
      this.letter = letter;
    }

    char letter() {
      return letter;
    }

    /** As the result of a job says it. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException if there is none
     */
    static State of(int letter) {
      for (State state : values()) {
        if (state.letter == letter) {
          return state;
        }
      }
      throw new IllegalArgumentException("not a state: " + letter);
    }
  }

  EmailReply {
    text = PlainText.line(text.strip(), TEXT_CHARS_MAX);
  }

  /** The code and the text. */
  String shown() {
    return code == 0 ? text : (code + " " + text).strip();
  }

  boolean isDecided() {
    return state != State.PENDING;
  }
}
