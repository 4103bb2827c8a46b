package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Message;
import java.util.regex.Pattern;

/** The type of a body as a client names it (RFC 9110, 8.3.1). */
public final class MediaType {

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";

  private static final Pattern VALID =
      Pattern.compile(
          (TOKEN + '/' + TOKEN)
              + "(?:[ \t]*+;[ \t]*+(?:"
              + TOKEN
              + "=(?:"
              + TOKEN
              + "|\"(?:[^\"\\\\]|\\\\.)*+\"))?+)*+");

  private MediaType() {}

  /** The text, given that it is one: a receiver could do nothing with another. */
  public static String require(String field, String text) {
    boolean known =
        text.equals("application/json") || text.equals(Message.BYTES) || text.equals(Message.TEXT);
    if (!known && (text.length() > Message.CONTENT_TYPE_CHARS_MAX || !isValid(text))) {
      String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
      throw new Rejected(field, field + " must be a media type such as application/json: " + shown);
    }
    return text;
  }

  private static boolean isValid(String text) {
    return VALID.matcher(text).matches();
  }
}
