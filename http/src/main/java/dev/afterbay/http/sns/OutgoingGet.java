package dev.afterbay.http.sns;

import java.time.Duration;

/**
 * The port for the only two requests that go out: for signing certificates and for confirming a
 * subscription. Called with URLs that were computed from an allowed topic, never with one that was
 * only read in a message (sns.md 0.4). Safe for use by many threads.
 *
 * <p>Names are looked up, and certificates trusted, as the JDK does it, with the JDK's proxy
 * settings, so that {@code -Djdk.net.hosts.file}, {@code -Djavax.net.ssl.trustStore} and {@code
 * -Dhttps.proxyHost} work (config.md); a connection within 3 s (sns.md 2). All addresses of a name
 * are tried until one can be sent the request. The server has that for webhooks as well.
 */
@FunctionalInterface
public interface OutgoingGet extends AutoCloseable {

  /**
   * Asks once, without following redirects. Blocks; every fault is an {@link Answer}.
   *
   * @param bytesMax longest body to take; reading stops there
   * @param atMost for everything, from the name look-up to the last byte
   */
  Answer get(String url, int bytesMax, Duration atMost) throws InterruptedException;

  @Override
  default void close() {}

  /** What came of it. */
  sealed interface Answer {
    /** Status 200, with the whole body read as UTF-8. */
    record Ok(String body) implements Answer {}

    /** Any other status, redirects included. */
    record Status(int status) implements Answer {}

    /** Status 200 with a body that is longer than was asked for. */
    record TooLarge(int bytesMax) implements Answer {}

    /** No answer: refused, timed out, not trusted. The reason is for the log. */
    record Failed(String reason) implements Answer {}
  }
}
