package dev.afterbay.http.sns;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The topics that one path lets in: all of them for {@code /sns/webhook}, one for {@code
 * /sns/{name}}. Compared exactly and before any outgoing request (sns.md 0.3).
 *
 * <p>What follows from a topic (its URLs, the names its certificate may bear) is computed here
 * once, so that a message is compared with it and never taken to pieces and judged (sns.md 0.4).
 */
public final class AllowedTopics {
  private final Map<String, Rules> byArn;

  private AllowedTopics(Map<String, Rules> byArn) {
    this.byArn = byArn;
  }

  /**
   * @throws IllegalArgumentException if a topic is named twice or its partition is not in the table
   */
  public static AllowedTopics of(Collection<SnsTopic> topics, Regions regions) {
    Map<String, Rules> byArn = new HashMap<>();
    for (SnsTopic topic : topics) {
      if (byArn.put(topic.arn(), Rules.of(topic, regions)) != null) {
        throw new IllegalArgumentException("the topic " + topic.arn() + " is named twice");
      }
    }
    return new AllowedTopics(byArn);
  }

  @Nullable Rules find(String arn) {
    return byArn.get(arn);
  }

  /**
   * What a message of this topic must look like.
   *
   * @param certificateUrlStart the certificate URL up to the 32 hexadecimal digits (sns.md 2)
   * @param certificateNames the DNS names of which the certificate must bear one
   * @param confirmUrlStart the confirmation URL up to the token (sns.md 3.1)
   */
  record Rules(
      SnsTopic topic,
      String certificateUrlStart,
      Set<String> certificateNames,
      String confirmUrlStart) {
    private static final int DIGITS = 32;
    private static final String CERTIFICATE_END = ".pem";

    static Rules of(SnsTopic topic, Regions regions) {
      Regions.Location location = regions.locate(TopicArn.of(topic.arn()));
      String given = topic.host();
      String origin = "https://" + (given != null ? given : location.host());
      return new Rules(
          topic,
          origin + "/SimpleNotificationService-",
          location.certificateNames(),
          origin + "/?Action=ConfirmSubscription&TopicArn=" + topic.arn() + "&Token=");
    }

    boolean isCertificateUrl(String url) {
      int start = certificateUrlStart.length();
      return url.length() == start + DIGITS + CERTIFICATE_END.length()
          && url.startsWith(certificateUrlStart)
          && url.endsWith(CERTIFICATE_END)
          && areDigits(url, start, start + DIGITS);
    }

    String confirmUrl(String token) {
      return confirmUrlStart + token;
    }

    /** Lower case only, as in all real data: one certificate has one URL. */
    private static boolean areDigits(String text, int from, int to) {
      for (int i = from; i < to; i++) {
        char character = text.charAt(i);
        if ((character < '0' || character > '9') && (character < 'a' || character > 'f')) {
          return false;
        }
      }
      return true;
    }
  }
}
