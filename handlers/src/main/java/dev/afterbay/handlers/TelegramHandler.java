package dev.afterbay.handlers;

import dev.afterbay.Delivery;
import dev.afterbay.JobContext;
import dev.afterbay.Outcome;
import dev.afterbay.PlainText;
import dev.afterbay.Queue;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.HandlerFactory;
import dev.afterbay.worker.PermanentFailure;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Sends messages, photos and documents of jobs by the Bot API of Telegram (docs/handlers.md):
 *
 * <ul>
 *   <li>2xx: sent; the result has the ids of the messages
 *   <li>429: another attempt after its {@code retry_after}
 *   <li>401 (the token is not valid, which a person can change), 408, 5xx, or no answer: another
 *       attempt
 *   <li>anything else, redirects included: fail
 * </ul>
 *
 * <p>Each message that was accepted is kept in the checkpoint, so that another attempt goes on with
 * the next one. The token is in no text that comes from here.
 */
public final class TelegramHandler implements Handler, AutoCloseable {

  /** An answer repeats the message, and the one that it replies to. */
  private static final int ANSWER_BYTES_MAX = 256 << 10;

  private static final int SAID_CHARS_MAX = 300;
  private static final Duration CONNECT_TIME_MAX = Duration.ofSeconds(10);
  private static final Duration RETRY_AFTER_MAX = Duration.ofDays(1);

  private static final int REDIRECT_MIN = 300;
  private static final int UNAUTHORIZED = 401;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR_MIN = 500;

  private static final String IDS = "message_ids";

  private final Settings settings;
  private final InstantSource clock = InstantSource.system();
  private final OutgoingClient client = new OutgoingClient(CONNECT_TIME_MAX, null);

  /** As the bot of these settings. */
  public TelegramHandler(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Outcome handle(Delivery delivery) throws InterruptedException, PermanentFailure {
    List<TelegramCall> calls = TelegramCall.of(delivery.message());
    JobContext context = CommandHandler.context(delivery);
    ArrayNode ids = context == null ? PayloadJson.MAPPER.createArrayNode() : accepted(context);
    long latest = System.nanoTime() + settings.timeout().toNanos();
    try {
      while (ids.size() < calls.size()) {
        Duration left = Duration.ofNanos(Math.max(0, latest - System.nanoTime()));
        Answer answer = client.send(request(calls.get(ids.size())), left);
        JsonNode said = json(answer);
        Outcome failure = failure(answer, said);
        if (failure != null) {
          return failure;
        }
        ids.add(said.path("result").path("message_id"));
        if (context != null) {
          accepted(context, ids, calls.size());
        }
      }
    } catch (IOException e) {
      String reason = Objects.requireNonNullElse(e.getMessage(), e.toString());
      return Outcome.retry(settings.token().hideIn(reason));
    } catch (RejectedExecutionException _) {
      return Outcome.release(); // Closed: nobody was asked.
    }
    if (context != null) {
      context.result("application/json", bytes(ids));
    }
    return Outcome.done();
  }

  /** Ends the connections: calls that run fail, later jobs are released. */
  @Override
  public void close() {
    client.close();
  }

  private OutgoingRequest request(TelegramCall call) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set("Content-Type", call.contentType());
    URI url = settings.token().url(settings.api(), call.method());
    return new OutgoingRequest(
        "POST", url, headers, call.body(), ANSWER_BYTES_MAX, ANSWER_BYTES_MAX);
  }

  /** What attempts before this one have sent. */
  private static ArrayNode accepted(JobContext context) throws PermanentFailure {
    Optional<byte[]> kept = context.checkpoint();
    if (kept.isEmpty()) {
      return PayloadJson.MAPPER.createArrayNode();
    }
    if (tree(kept.get()).path(IDS) instanceof ArrayNode ids) {
      return ids;
    }
    throw new PermanentFailure(
        "the checkpoint of this job was not written by this handler, so nobody knows what was sent"
            + " already: send a new job");
  }

  private static void accepted(JobContext context, ArrayNode ids, int all) {
    context.checkpoint(bytes(ids));
    if (all > 1) {
      context.progress((double) ids.size() / all, "sent " + ids.size() + " of " + all);
    }
  }

  private static byte[] bytes(ArrayNode ids) {
    return PayloadJson.MAPPER.writeValueAsBytes(
        PayloadJson.MAPPER.createObjectNode().set(IDS, ids));
  }

  /** Null: it was accepted. That counts even where the rest of the answer is broken. */
  private @Nullable Outcome failure(Answer answer, JsonNode said) {
    int status = said.path("error_code").asInt(answer.status());
    boolean isAccepted =
        said.path("ok").isMissingNode()
            ? answer.body() != Answer.Body.WHOLE
            : said.path("ok").asBoolean(false);
    if (answer.status() < REDIRECT_MIN && isAccepted) {
      return null;
    }
    String reason = "Telegram answered " + status + ": " + text(answer, said);
    if (status == TOO_MANY) {
      return new Outcome.Retry(reason, retryAfter(answer, said));
    }
    boolean isRetried =
        status == UNAUTHORIZED
            || status == REQUEST_TIMEOUT
            || status >= SERVER_ERROR_MIN
            || status < REDIRECT_MIN; // Not by Telegram, but by who stands between.
    return isRetried ? Outcome.retry(reason) : Outcome.fail(reason);
  }

  private @Nullable Duration retryAfter(Answer answer, JsonNode said) {
    JsonNode asked = said.path("parameters").path("retry_after");
    // Jackson takes a number that does not fit for none, which would be no wait at all.
    double seconds = asked.isNumber() ? asked.numberValue().doubleValue() : asked.asDouble(-1);
    return seconds >= 0
        ? RetryAfter.within(Duration.ofSeconds((long) seconds), RETRY_AFTER_MAX)
        : RetryAfter.of(answer, clock.instant(), RETRY_AFTER_MAX);
  }

  /** Hidden first, then cut: a cut token could not be found. */
  private String text(Answer answer, JsonNode said) {
    String description = said.path("description").asString("");
    String text =
        description.isEmpty() ? new String(answer.bytes(), StandardCharsets.UTF_8) : description;
    return PlainText.line(settings.token().hideIn(text).strip(), SAID_CHARS_MAX);
  }

  private static JsonNode json(Answer answer) {
    return tree(answer.bytes());
  }

  private static JsonNode tree(byte[] bytes) {
    try {
      return PayloadJson.MAPPER.readTree(bytes);
    } catch (JacksonException _) {
      return MissingNode.getInstance();
    }
  }

  /**
   * Which bot, and where its API is.
   *
   * @param api {@code http} or {@code https}, without user, query and fragment
   * @param timeout for all messages of a job; 1 ms to 1 day
   */
  public record Settings(TelegramToken token, URI api, Duration timeout)
      implements HandlerFactory.Configured {

    /** Of Telegram itself. */
    public static final URI API = URI.create("https://api.telegram.org");

    public static final Duration TIMEOUT_LIMIT = Duration.ofDays(1);

    public Settings {
      check(
          api.getScheme() != null && api.getScheme().matches("(?i)https?") && api.getHost() != null,
          "api must be http://host or https://host: " + PlainText.address(api));
      check(
          api.getRawUserInfo() == null && api.getRawQuery() == null && api.getRawFragment() == null,
          "api must not have a user, password, query or fragment");
      check(
          timeout.toMillis() >= 1 && timeout.compareTo(TIMEOUT_LIMIT) <= 0,
          "timeout must be 1 ms to " + TIMEOUT_LIMIT + ": " + timeout);
    }

    /** At Telegram, with 60 s for the messages of a job. */
    public static Settings of(TelegramToken token) {
      return new Settings(token, API, Duration.ofSeconds(60));
    }

    /** At a Bot API server of one's own. */
    public Settings api(URI api) {
      return new Settings(token, api, timeout);
    }

    @Override
    public TelegramHandler open(Queue queue) {
      return new TelegramHandler(this);
    }

    private static void check(boolean holds, String otherwise) {
      if (!holds) {
        throw new IllegalArgumentException(otherwise);
      }
    }
  }
}
