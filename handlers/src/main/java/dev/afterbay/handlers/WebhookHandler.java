package dev.afterbay.handlers;

import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.HandlerFactory;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Hands each job to an HTTP server, whose status says how the attempt ended (config.md, workers):
 *
 * <ul>
 *   <li>one of {@link Settings#success}: done
 *   <li>408, 425, 429, 5xx, or no answer: another attempt, after {@code Retry-After} if there is
 *       one
 *   <li>410: the queue is paused with that reason, and the job released uncounted
 *   <li>anything else, redirects included, which are never followed: fail
 * </ul>
 *
 * <p>The status counts once it has come; nobody waits for an answer's body longer than the timeout,
 * or reads more than 64 KiB of it. Run it with a worker's timeout a little above its own.
 */
public final class WebhookHandler implements Handler, AutoCloseable {

  private static final int BODY_BYTES_MAX = 64 << 10;

  private static final Duration CONNECT_TIME_MAX = Duration.ofSeconds(10);
  private static final int GONE = 410;
  private static final Set<Integer> RETRIED = Set.of(408, 425, 429);
  private static final int SERVER_ERROR_MIN = 500;

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private static final Logger LOG = System.getLogger(WebhookHandler.class.getName());

  private final Settings settings;
  private final Queue queue;
  private final InstantSource clock;
  private final OutgoingClient client;

  /**
   * @param queue where the jobs come from; paused when the target answers 410
   * @throws IllegalArgumentException if the target is at an address where no request may go
   */
  public WebhookHandler(Settings settings, Queue queue, InstantSource clock) {
    this(settings, queue, clock, InetAddress::getAllByName);
  }

  WebhookHandler(Settings settings, Queue queue, InstantSource clock, OutgoingHost.Lookup lookup) {
    this.settings = settings;
    this.queue = queue;
    this.clock = clock;
    refuseForbidden(lookup);
    client = new OutgoingClient(lookup, CONNECT_TIME_MAX, null);
  }

  @Override
  public Outcome handle(Delivery delivery) throws InterruptedException {
    OutgoingRequest request = request(delivery);
    try {
      return judge(client.send(request, settings.timeout()));
    } catch (IOException e) {
      return Outcome.retry(Objects.requireNonNullElse(e.getMessage(), e.toString()));
    } catch (RejectedExecutionException _) {
      return Outcome.release(); // Closed: nobody was asked.
    }
  }

  /** Ends the connections: requests that run fail, later jobs are released. */
  @Override
  public void close() {
    client.close();
  }

  private OutgoingRequest request(Delivery delivery) {
    SnsEnvelope sns = SnsEnvelope.in(delivery.message()).orElse(null);
    Payload.Content content = settings.payload().of(delivery, sns);
    HttpHeaders headers = new DefaultHttpHeaders();
    settings.headers().forEach((name, value) -> headers.set(name, value));
    headers.set("Content-Type", content.type());
    headers.set("Afterbay-Job-Id", delivery.job().id().toString());
    headers.set("Afterbay-Attempt", Integer.toString(delivery.attempt()));
    headers.set("Afterbay-Queue", delivery.job().queue());
    headers.set("Afterbay-Type", delivery.message().type());
    if (sns != null) {
      headers.set("Afterbay-Sns-Message-Id", ascii(sns.messageId()));
      headers.set("Afterbay-Sns-Topic-Arn", ascii(sns.topicArn()));
      if (sns.subject() != null) {
        headers.set("Afterbay-Sns-Subject", ascii(sns.subject()));
      }
    }
    WebhookSecret secret = settings.secret();
    if (secret != null) {
      String id = delivery.job().id().toString();
      long now = clock.instant().getEpochSecond();
      headers.set("webhook-id", id);
      headers.set("webhook-timestamp", Long.toString(now));
      headers.set("webhook-signature", secret.sign(id, now, content.bytes()));
    }
    return new OutgoingRequest(
        settings.method(),
        settings.url(),
        headers,
        content.bytes(),
        BODY_BYTES_MAX,
        Answer.TEXT_BYTES_MAX);
  }

  private Outcome judge(Answer answer) {
    int status = answer.status();
    String text = answer.text();
    String reason = host() + " answered " + status + (text.isEmpty() ? "" : ": " + text);
    if (settings.success().stream().anyMatch(range -> range.contains(status))) {
      return Outcome.done();
    }
    Optional<QueueAdmin> admin = queue.admin();
    if (status == GONE && admin.isPresent()) {
      LOG.log(Level.WARNING, "pausing queue " + queue.name() + ": " + reason);
      admin.get().pause(reason);
      return Outcome.release();
    }
    if (status >= SERVER_ERROR_MIN || RETRIED.contains(status)) {
      return new Outcome.Retry(
          reason, RetryAfter.of(answer, clock.instant(), settings.retryAfterMax()));
    }
    return Outcome.fail(reason);
  }

  private void refuseForbidden(OutgoingHost.Lookup lookup) {
    try {
      new OutgoingHost(host(), lookup).check();
    } catch (OutgoingHost.Forbidden e) {
      throw new IllegalArgumentException("url: " + e.getMessage(), e);
    } catch (IOException e) {
      LOG.log(Level.WARNING, host() + " cannot be looked up yet: " + e.toString());
    }
  }

  private String host() {
    return settings.url().getHost();
  }

  /**
   * Printable ASCII as it is; all else, the percent sign, and blanks at the ends, which a header
   * loses, as percent-encoded UTF-8 (config.md, Afterbay-Sns-Subject): to be decoded exactly.
   */
  private static String ascii(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder ascii = new StringBuilder(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      boolean inner = i > 0 && i < bytes.length - 1;
      if ((b > ' ' && b < 0x7f && b != '%') || (b == ' ' && inner)) {
        ascii.append((char) b);
      } else {
        ascii.append('%').append(HEX.toHexDigits(b));
      }
    }
    return ascii.toString();
  }

  /**
   * What a target is sent, and how its answers are read.
   *
   * @param url {@code http} or {@code https}, without user and fragment; only ever from the
   *     configuration
   * @param method POST, PUT or PATCH
   * @param headers sent with every request; not those that say how or what is sent, nor ours
   * @param secret signs requests as Standard Webhooks says; null: not signed
   * @param success statuses that mean done; they go before every other rule
   * @param retryAfterMax a longer Retry-After counts as this; 0 to 7 days, 0: none is heeded
   * @param timeout for the whole exchange; 1 ms to 1 day
   */
  public record Settings(
      URI url,
      String method,
      Payload payload,
      Map<String, String> headers,
      @Nullable WebhookSecret secret,
      List<StatusRange> success,
      Duration retryAfterMax,
      Duration timeout)
      implements HandlerFactory.Configured {

    public static final int HEADERS_MAX = 64;
    public static final Duration RETRY_AFTER_LIMIT = Duration.ofDays(7);
    public static final Duration TIMEOUT_LIMIT = Duration.ofDays(1);

    private static final Set<String> METHODS = Set.of("POST", "PUT", "PATCH");

    /** Headers that belong to the payload, to the connection or to us. */
    private static final Pattern RESERVED =
        Pattern.compile(
            "(?i)content-.*|host|connection|upgrade|expect|te|trailer|transfer-encoding"
                + "|afterbay-.*|webhook-.*");

    public Settings {
      headers = Map.copyOf(headers);
      success = List.copyOf(success);
      check(
          url.getScheme() != null && url.getScheme().matches("(?i)https?") && url.getHost() != null,
          "url must be http://host or https://host (letters, digits, hyphens and dots): " + url);
      check(
          url.getRawUserInfo() == null && url.getRawFragment() == null,
          "url must not have a user, password or fragment: use headers");
      OutgoingHost.checkLiteral(url.getHost());
      check(METHODS.contains(method), "method must be POST, PUT or PATCH: " + method);
      check(headers.size() <= HEADERS_MAX, "headers must be at most " + HEADERS_MAX);
      check(!success.isEmpty(), "success must have a status, such as 200-299");
      check(
          !retryAfterMax.isNegative() && retryAfterMax.compareTo(RETRY_AFTER_LIMIT) <= 0,
          "retry_after_max must be 0 to " + RETRY_AFTER_LIMIT + ": " + retryAfterMax);
      check(
          timeout.toMillis() >= 1 && timeout.compareTo(TIMEOUT_LIMIT) <= 0,
          "timeout must be 1 ms to " + TIMEOUT_LIMIT + ": " + timeout);
      Map<String, String> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (Map.Entry<String, String> header : new TreeMap<>(headers).entrySet()) {
        String other = names.put(header.getKey(), header.getKey());
        check(
            other == null,
            "headers must be there only once, in any case: " + header.getKey() + ", " + other);
        checkHeader(header.getKey(), header.getValue());
      }
    }

    /** POST of the message, 200 to 299 is done, Retry-After up to 1 h, 60 s (config.md). */
    public static Settings of(URI url) {
      return new Settings(
          url,
          "POST",
          Payload.MESSAGE,
          Map.of(),
          null,
          List.of(new StatusRange(200, 299)),
          Duration.ofHours(1),
          Duration.ofSeconds(60));
    }

    public Settings payload(Payload payload) {
      return new Settings(url, method, payload, headers, secret, success, retryAfterMax, timeout);
    }

    /** Looks the target up: where no request may go is refused here, if not by the URL itself. */
    @Override
    public WebhookHandler open(Queue queue) {
      return WebhookFactory.named(() -> new WebhookHandler(this, queue, InstantSource.system()));
    }

    /** Leaves out headers and query, which may hold secrets. */
    @Override
    public String toString() {
      return "Settings[" + method + " " + url.getHost() + ", " + payload + "]";
    }

    private static void checkHeader(String name, String value) {
      check(!RESERVED.matcher(name).matches(), "headers must not have " + name + ": it is set");
      try {
        HttpRequest.newBuilder().setHeader(name, value);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("headers: " + name + " is not a valid header", e);
      }
    }

    private static void check(boolean holds, String otherwise) {
      if (!holds) {
        throw new IllegalArgumentException(otherwise);
      }
    }
  }
}
