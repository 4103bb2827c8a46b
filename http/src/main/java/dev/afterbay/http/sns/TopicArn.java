package dev.afterbay.http.sns;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a topic's ARN that decide on hosts and certificate names.
 *
 * @param partition such as {@code aws} or {@code aws-cn}
 * @param region such as {@code us-east-1}
 */
record TopicArn(String text, String partition, String region) {
  private static final String FIFO = ".fifo";
  private static final Pattern SHAPE =
      Pattern.compile(
          "arn:(aws(?:-[a-z]{1,8}){0,3}):sns:([a-z]{2,8}(?:-[a-z]{1,16}){1,4}-[0-9]{1,2})"
              + ":[0-9]{12}:[A-Za-z0-9_-]{1,256}");

  /**
   * @throws IllegalArgumentException if this is not the ARN of a standard topic
   */
  static TopicArn of(String text) {
    TopicArn arn = parse(text);
    if (arn == null) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is not the ARN of a standard SNS topic, which looks like"
              + " arn:aws:sns:us-east-1:123456789012:orders"
              + (isFifo(text) ? " (FIFO topics cannot deliver to HTTP)" : ""));
    }
    return arn;
  }

  /** Null if this is not the ARN of a standard topic. */
  static @Nullable TopicArn parse(String text) {
    Matcher shape = SHAPE.matcher(text);
    return shape.matches() ? new TopicArn(text, shape.group(1), shape.group(2)) : null;
  }

  /** Whether this is the ARN of a FIFO topic, which is never genuine here (sns.md 1). */
  static boolean isFifo(String text) {
    return text.endsWith(FIFO) && parse(text.substring(0, text.length() - FIFO.length())) != null;
  }
}
