package dev.afterbay.handlers;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP statuses from one to another, both included. */
public record StatusRange(int from, int to) {

  private static final Pattern TEXT = Pattern.compile("([0-9]{3})(?:-([0-9]{3}))?");
  private static final int STATUS_MIN = 200;
  private static final int STATUS_MAX = 599;

  public StatusRange {
    if (from < STATUS_MIN || to > STATUS_MAX || from > to) {
      throw new IllegalArgumentException(
          "success must be statuses from 200 to 599, such as 200-299: " + from + "-" + to);
    }
  }

  /** Reads {@code 200-299} or {@code 202}. */
  public static StatusRange parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "success must be statuses from 200 to 599, such as 200-299: " + text);
    }
    int from = Integer.parseInt(matcher.group(1));
    return new StatusRange(
        from, matcher.group(2) == null ? from : Integer.parseInt(matcher.group(2)));
  }

  boolean contains(int status) {
    return status >= from && status <= to;
  }
}
