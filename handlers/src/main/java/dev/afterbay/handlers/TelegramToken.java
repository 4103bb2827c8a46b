package dev.afterbay.handlers;

import java.net.URI;
import java.util.regex.Pattern;

/**
 * The token of a bot, which lets whoever has it act as the bot. It is a part of each URL that is
 * called, so each text that may have to do with a call goes through {@link #hideIn}.
 */
public final class TelegramToken {

  /** A number, a colon, and 35 characters so far. */
  private static final Pattern FORM = Pattern.compile("[0-9]{1,20}:[A-Za-z0-9_-]{8,200}");

  private static final String HIDDEN = "(hidden)";

  private final String text;

  private TelegramToken(String text) {
    this.text = text;
  }

  /**
   * @throws IllegalArgumentException if it does not have the form of a token; never shows it
   */
  public static TelegramToken parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "must be a token such as 123456:ABC-DEF1234ghIkl-zyx57W2v");
    }
    return new TelegramToken(text);
  }

  URI url(URI api, String method) {
    String base = api.toString().replaceFirst("/+$", "");
    return URI.create(base + "/bot" + text + "/" + method);
  }

  /** The text without the token; the part behind the colon is what must stay hidden. */
  String hideIn(String said) {
    String secret = text.substring(text.indexOf(':') + 1);
    return said.replace(text, HIDDEN).replace(secret, HIDDEN);
  }

  @Override
  public String toString() {
    return HIDDEN;
  }
}
