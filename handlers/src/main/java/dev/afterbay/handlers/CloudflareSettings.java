package dev.afterbay.handlers;

import java.net.URI;
import java.time.Duration;

/**
 * How to send e-mail by the HTTP API of Cloudflare's Email Service. Never shows the token.
 *
 * @param account the account's id
 * @param token an API token that may send e-mail
 * @param api the API's base, without {@code /accounts}
 * @param timeout for one request and its answer; 1 ms to 1 hour
 */
public record CloudflareSettings(String account, String token, URI api, Duration timeout) {

  private static final URI API = URI.create("https://api.cloudflare.com/client/v4");

  public CloudflareSettings {
    check(account.matches("[A-Za-z0-9_-]{1,64}"), "account must be an account id: " + account);
    checkToken(token);
    check(
        api.getScheme() != null
            && api.getScheme().matches("(?i)https?")
            && api.getHost() != null
            && api.getRawUserInfo() == null
            && api.getRawQuery() == null
            && api.getRawFragment() == null,
        "api must be a URL such as " + API + ": " + api);
    check(
        timeout.toMillis() >= 1 && timeout.compareTo(SmtpSettings.TIME_MAX) <= 0,
        "timeout must be 1 ms to 1 h: " + timeout);
  }

  /** With 30 s for a request. */
  public static CloudflareSettings of(String account, String token) {
    return new CloudflareSettings(account, token, API, Duration.ofSeconds(30));
  }

  /** Where the API is. */
  public CloudflareSettings api(URI api) {
    return new CloudflareSettings(account, token, api, timeout);
  }

  /** For one request and its answer. */
  public CloudflareSettings timeout(Duration timeout) {
    return new CloudflareSettings(account, token, api, timeout);
  }

  URI sendUrl() {
    return URI.create(
        api.toString().replaceAll("/+$", "") + "/accounts/" + account + "/email/sending/send");
  }

  @Override
  public String toString() {
    return "CloudflareSettings[" + account + ", " + api.getHost() + "]";
  }

  static String checkToken(String token) {
    check(token.matches("[!-~]{1,4096}"), "token must be one word of ASCII");
    return token;
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
