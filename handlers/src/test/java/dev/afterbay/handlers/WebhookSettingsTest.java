package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.afterbay.handlers.WebhookHandler.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSettingsTest {

  private static final Settings GOOD = Settings.of(URI.create("https://example.com/a?b=c"));

  @Test
  void theDefaultsAreThoseOfTheConfiguration() {
    assertThat(GOOD.method()).isEqualTo("POST");
    assertThat(GOOD.payload()).isEqualTo(Payload.MESSAGE);
    assertThat(GOOD.success()).containsExactly(new StatusRange(200, 299));
    assertThat(GOOD.retryAfterMax()).isEqualTo(Duration.ofHours(1));
    assertThat(GOOD.timeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(GOOD.payload(Payload.ENVELOPE).payload()).isEqualTo(Payload.ENVELOPE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://example.com",
        "/orders",
        "example.com",
        "http:///orders",
        "http://my_service/orders",
        "http://user:password@example.com",
        "http://example.com/#part"
      })
  void anythingButAPlainWebAddressIsRefused(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.of(URI.create(url)))
        .withMessageStartingWith("url must ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "post", "DELETE", "BREW", ""})
  void otherMethodsAreRefused(String method) {
    refused("method must be POST, PUT or PATCH", () -> with(method, Map.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type",
        "content-length",
        "Host",
        "Connection",
        "Transfer-Encoding",
        "Afterbay-Job-Id",
        "Webhook-Signature"
      })
  void headersThatAreNotTheConfigurationsAreRefused(String name) {
    refused("headers must not have " + name, () -> with("POST", Map.of(name, "x")));
  }

  @Test
  void headersThatDifferOnlyInCaseAreRefused() {
    Map<String, String> headers = new TreeMap<>(Map.of("X-Key", "1", "x-kEY", "2"));
    refused(
        "headers must be there only once, in any case: x-kEY, X-Key", () -> with("POST", headers));
  }

  @Test
  void brokenHeadersAreRefusedWithoutTheirValue() {
    refused("headers: X-A is not", () -> with("POST", Map.of("X-A", "secret\r\nX-B: y")));
    refused("headers:  is not", () -> with("POST", Map.of("", "x")));
    refused("headers: X A is not", () -> with("POST", Map.of("X A", "x")));
    Map<String, String> many =
        IntStream.range(0, 65).boxed().collect(Collectors.toMap(i -> "X-" + i, _ -> "x"));
    refused("headers must be at most 64", () -> with("POST", many));
  }

  @Test
  void limitsOfTimeAreRefusedWhereTheyMeanNothing() {
    refused("timeout must be", () -> with(Duration.ZERO, Duration.ofHours(1)));
    refused("timeout must be", () -> with(Duration.ofDays(2), Duration.ofHours(1)));
    refused("retry_after_max must be", () -> with(Duration.ofSeconds(1), Duration.ofDays(8)));
    refused("retry_after_max must be", () -> with(Duration.ofSeconds(1), Duration.ofSeconds(-1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2xx", "199", "600", "299-200", "200-", "200-299-300", "100-599"})
  void onlyRangesOfStatusesMeanSuccess(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StatusRange.parse(text))
        .withMessageStartingWith("success must be");
  }

  @Test
  void successMustBePossible() {
    refused(
        "success must have",
        () ->
            new Settings(
                GOOD.url(),
                "POST",
                Payload.MESSAGE,
                Map.of(),
                null,
                List.of(),
                Duration.ofHours(1),
                Duration.ofSeconds(1)));
    assertThat(StatusRange.parse("202")).isEqualTo(new StatusRange(202, 202));
  }

  private static void refused(String start, ThrowingCallable call) {
    assertThatIllegalArgumentException()
        .isThrownBy(call)
        .withMessageStartingWith(start)
        .withMessageNotContaining("secret");
  }

  private static Settings with(String method, Map<String, String> headers) {
    return new Settings(
        GOOD.url(),
        method,
        GOOD.payload(),
        headers,
        null,
        GOOD.success(),
        GOOD.retryAfterMax(),
        GOOD.timeout());
  }

  private static Settings with(Duration timeout, Duration retryAfterMax) {
    return new Settings(
        GOOD.url(), "POST", GOOD.payload(), Map.of(), null, GOOD.success(), retryAfterMax, timeout);
  }
}
