package dev.afterbay.handlers;

import static java.util.Objects.requireNonNullElse;

import dev.afterbay.BrokerException;
import dev.afterbay.worker.HandlerFactory;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes {@link WebhookHandler}s: {@code handler: http}, with the settings in {@code http}. */
public final class WebhookFactory implements HandlerFactory {

  private static final String URL = "must be a URL such as http://127.0.0.1:9000/orders";

  /** For the {@link java.util.ServiceLoader}. */
  public WebhookFactory() {}

  @Override
  public String name() {
    return "http";
  }

  /** A target may be down for a day, and nothing is lost by that. */
  @Override
  public boolean isPatient() {
    return true;
  }

  @Override
  public Configured configure(Section section, Duration timeout) {
    WebhookHandler.Settings standard =
        WebhookHandler.Settings.of(section.required("url", URL, WebhookFactory::url));
    String method = section.value("method", standard.method(), Function.identity());
    Payload payload =
        requireNonNullElse(section.oneOf("payload", Payload.class), standard.payload());
    Map<String, String> headers = section.texts("headers");
    WebhookSecret secret = section.secret("secret", WebhookSecret::parse);
    List<StatusRange> success =
        requireNonNullElse(section.values("success", StatusRange::parse), standard.success());
    Duration retryAfterMax =
        requireNonNullElse(section.duration("retry_after_max"), standard.retryAfterMax());
    return named(() ->
        new WebhookHandler.Settings(
            standard.url(), method, payload, headers, secret, success, retryAfterMax, timeout));
  }

  /** The rules of the target begin with the name that they are about. */
  static <T> T named(Supplier<T> checked) {
    try {
      return checked.get();
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      throw new BrokerException.Rejected(reason.split("\\W", 2)[0], reason, e);
    }
  }

  /** Also asks the target's own rules, so that its other settings are never blamed for it. */
  private static URI url(String text) {
    try {
      return WebhookHandler.Settings.of(new URI(text)).url();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(URL, e);
    }
  }
}
