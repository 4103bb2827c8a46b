package dev.afterbay.http;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the API listens and what it puts up with (config.md, http and admin and sns).
 *
 * @param main serves everything, without the dashboard, metrics and management where {@code admin}
 *     has an address of its own
 * @param admin serves everything; null: {@code main} does
 * @param sns serves {@code /sns/*} and {@code /health/*} alone, besides {@code main}; null: only
 *     {@code main} does
 */
public record HttpApiSettings(
    Listener main,
    @Nullable Listener admin,
    @Nullable Listener sns,
    Callers callers,
    Patience patience,
    Bounds bounds) {

  /** Everything on one address, with the default patience and bounds. */
  public static HttpApiSettings on(String address, int port) {
    return new HttpApiSettings(
        new Listener(address, port),
        null,
        null,
        Callers.STANDARD,
        Patience.STANDARD,
        Bounds.STANDARD);
  }

  /**
   * An address to listen on.
   *
   * @param address a literal address or a host name
   * @param port 0: any free one
   * @param tls null: in clear text
   * @param http3 whether HTTP/3 is spoken there, too: by UDP, on the port of the same number
   */
  public record Listener(String address, int port, @Nullable ListenerTls tls, boolean http3) {

    public Listener {
      if (http3 && tls == null) {
        throw new IllegalArgumentException("there is no HTTP/3 without TLS");
      }
    }

    /** Without HTTP/3. */
    public Listener(String address, int port, @Nullable ListenerTls tls) {
      this(address, port, tls, false);
    }

    /** In clear text. */
    public Listener(String address, int port) {
      this(address, port, null);
    }
  }

  /**
   * Whose word counts (http-api.md, Who may call).
   *
   * @param hostNames what the Host header may name on a loopback address besides localhost and its
   *     addresses, in lower case and without port
   * @param proxies who may say for whom a request is
   */
  public record Callers(Set<String> hostNames, TrustedProxies proxies) {

    /** No other names, no proxy. */
    public static final Callers STANDARD = new Callers(Set.of(), TrustedProxies.NONE);

    public Callers {
      hostNames = Set.copyOf(hostNames);
    }
  }

  /**
   * How long a client may take; then its connection is closed.
   *
   * @param header from the first byte of a request to the end of its header
   * @param body without a byte of the body; its whole may take ten times that
   * @param idle between an answer and the next request
   * @param answer to take an answer in
   * @param close how long {@link HttpApi#close()} waits for requests under way
   * @param comment between two comments on a quiet event stream
   */
  public record Patience(
      Duration header,
      Duration body,
      Duration idle,
      Duration answer,
      Duration close,
      Duration comment) {

    /** 10 s, 30 s, 75 s, 2 min, 10 s, 15 s. */
    public static final Patience STANDARD =
        new Patience(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(75),
            Duration.ofMinutes(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15));
  }

  /**
   * What clients may use of this process.
   *
   * @param connections open at the same time; one more is closed at once
   * @param bodyBytes of all requests and answers under way together; a request over it is answered
   *     503
   * @param eventStreams open at the same time; one more is answered 503
   */
  public record Bounds(int connections, long bodyBytes, int eventStreams) {

    /**
     * As many connections as fill half of the heap while each waits for a message (32 KiB, measured
     * with 10,000), a quarter of the heap, 1,000 event streams.
     */
    public static final Bounds STANDARD = of(Runtime.getRuntime().maxMemory());

    private static final int CONNECTION_BYTES = 32 << 10;

    private static Bounds of(long heap) {
      long connections = Math.min(heap / 2 / CONNECTION_BYTES, Integer.MAX_VALUE);
      return new Bounds((int) connections, heap / 4, 1_000);
    }
  }
}
