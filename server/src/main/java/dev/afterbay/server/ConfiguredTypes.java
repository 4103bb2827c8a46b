package dev.afterbay.server;

import dev.afterbay.Message;
import dev.afterbay.http.HttpApiServices;
import dev.afterbay.server.Config.WorkerEntry;
import dev.afterbay.worker.Worker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the workers of the configuration handle; only that is taken if types are validated. */
final class ConfiguredTypes implements HttpApiServices.Types {
  private final List<WorkerEntry> workers;
  private final boolean validated;

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
    Optional<String> schema = entry.kind().schema();
    return schema.isEmpty()
        ? null
        : schemas
            .computeIfAbsent(entry.kind().name(), _ -> new PayloadSchema(schema.get()))
            .refusal(message);
  }

  @Override
  public List<Handled> handlers() {
    return workers.stream()
        .map(entry ->
            new Handled(
                entry.queue(),
                entry.type(),
                entry.kind().name(),
                entry.kind().schema().orElse(null)))
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
