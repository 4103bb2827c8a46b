package dev.afterbay.server;

import dev.afterbay.Message;
import dev.afterbay.PlainText;
import dev.afterbay.http.HttpApiServices;
import dev.afterbay.server.Config.WorkerEntry;
import dev.afterbay.worker.HandlerFactory;
import dev.afterbay.worker.Worker;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the workers of the configuration handle; only that is taken if types are validated. */
final class ConfiguredTypes implements HttpApiServices.Types {
  private static final Logger LOG = System.getLogger(ConfiguredTypes.class.getName());

  private static final int DETAIL_CHARS_MAX = 500;

  private final List<WorkerEntry> workers;
  private final boolean validated;

  /** By the name of their kind, read once. */
  private final Map<String, Optional<String>> texts = new ConcurrentHashMap<>();

  /** By the name of their kind, once a payload was held against them. */
  private final Map<String, PayloadSchema> schemas = new ConcurrentHashMap<>();

  ConfiguredTypes(List<WorkerEntry> workers, boolean validated) {
    this.workers = workers;
    this.validated = validated;
  }

  @Override
  public boolean knows(String queue, String type) {
    return !validated || entry(queue, type) != null;
  }

  @Override
  public @Nullable Refusal refusal(String queue, Message message) {
    WorkerEntry entry = validated ? entry(queue, message.type()) : null;
    if (entry == null) {
      return null;
    }
    Optional<String> reason = entry.target().configured().refusal();
    if (reason.isPresent()) {
      return new Refusal(null, reason.get());
    }
    return schemaRefusal(entry.kind(), message);
  }

  /** A schema of somebody else may refer to what is not there, or have a pattern without end. */
  private @Nullable Refusal schemaRefusal(HandlerFactory kind, Message message) {
    try {
      Optional<String> text = text(kind);
      return text.isEmpty()
          ? null
          : schemas
              .computeIfAbsent(kind.name(), _ -> new PayloadSchema(text.get()))
              .refusal(message);
    } catch (RuntimeException | StackOverflowError e) {
      String why =
          PlainText.line(
              "the schema of handler " + kind.name() + " cannot be applied: " + e,
              DETAIL_CHARS_MAX);
      LOG.log(Level.WARNING, why);
      return new Refusal(null, why);
    }
  }

  private Optional<String> text(HandlerFactory kind) {
    return texts.computeIfAbsent(kind.name(), _ -> kind.schema());
  }

  @Override
  public List<Handled> handlers() {
    return workers.stream()
        .map(entry ->
            new Handled(
                entry.queue(), entry.type(), entry.kind().name(), text(entry.kind()).orElse(null)))
        .toList();
  }

  /** The one of that type, else the one of all others. */
  private @Nullable WorkerEntry entry(String queue, String type) {
    WorkerEntry found = null;
    for (WorkerEntry entry : workers) {
      boolean handles = entry.queue().equals(queue) && entry.handles(type);
      if (handles && (found == null || !entry.type().equals(Worker.ANY))) {
        found = entry;
      }
    }
    return found;
  }
}
