package dev.afterbay.server;

import dev.afterbay.BrokerException;
import dev.afterbay.handlers.Payload;
import dev.afterbay.handlers.StatusRange;
import dev.afterbay.handlers.WebhookHandler;
import dev.afterbay.handlers.WebhookSecret;
import dev.afterbay.server.Config.WorkerEntry;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The list {@code workers}: handlers that run inside the server. */
final class WorkerReader {
  private static final String URL = "must be a URL such as http://127.0.0.1:9000/orders";

  private WorkerReader() {}

  static List<WorkerEntry> workers(ConfigSection top) {
    List<WorkerEntry> entries = top.list("workers", WorkerReader::entry);
    Set<String> seen = new HashSet<>();
    for (WorkerEntry entry : entries) {
      if (!seen.add(entry.queue() + " " + entry.type())) {
        throw new ConfigException(
            "workers", entry.queue() + ", type " + entry.type(), "must be there only once");
      }
    }
    return entries;
  }

  private static WorkerEntry entry(ConfigSection section) {
    section.value("handler", "http", WorkerReader::handler);
    Duration timeout = section.value("timeout", WorkerReader::timeout);
    return new WorkerEntry(
        section.required("queue", "must be the name of a queue", Parsers::name),
        section.value("type", Worker.ANY, WorkerReader::type),
        section.value(
            "concurrency",
            WorkerEntry.CONCURRENCY,
            Parsers.integer(1, HandlerOptions.CONCURRENCY_MAX)),
        section.section("http", it -> target(it, timeout)));
  }

  private static WebhookHandler.Settings target(ConfigSection section, @Nullable Duration timeout) {
    WebhookHandler.Settings standard =
        WebhookHandler.Settings.of(section.required("url", URL, WorkerReader::url));
    String method = section.value("method", standard.method(), Function.identity());
    Payload payload = section.value("payload", standard.payload(), Parsers.oneOf(Payload.class));
    Map<String, String> headers = section.texts("headers");
    WebhookSecret secret = section.secret("secret", WebhookSecret::parse);
    List<StatusRange> success = section.values("success", StatusRange::parse);
    Duration retryAfterMax =
        section.value("retry_after_max", standard.retryAfterMax(), Parsers::duration);
    try {
      return new WebhookHandler.Settings(
          standard.url(),
          method,
          payload,
          headers,
          secret,
          success == null ? standard.success() : success,
          retryAfterMax,
          timeout == null ? standard.timeout() : timeout);
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      throw new BrokerException.Rejected(reason.split("\\W", 2)[0], reason, e);
    }
  }

  private static String handler(String text) {
    if (!text.equals("http")) {
      throw new IllegalArgumentException("must be http");
    }
    return text;
  }

  private static String type(String text) {
    return text.equals(Worker.ANY) ? text : Parsers.name(text);
  }

  private static Duration timeout(String text) {
    Duration timeout = Parsers.duration(text);
    if (timeout.isZero() || timeout.compareTo(WebhookHandler.Settings.TIMEOUT_LIMIT) > 0) {
      throw new IllegalArgumentException("must be 1ms to 1d");
    }
    return timeout;
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
