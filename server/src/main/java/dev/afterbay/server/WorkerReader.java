package dev.afterbay.server;

import dev.afterbay.server.Config.WorkerEntry;
import dev.afterbay.worker.HandlerFactory;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The list {@code workers}: handlers that run inside the server. */
final class WorkerReader {
  /** What an entry has beside the section of its kind. */
  static final List<String> NAMES =
      List.of("queue", "type", "concurrency", "timeout", "stack_traces", "handler");

  private WorkerReader() {}

  static List<WorkerEntry> workers(ConfigSection top) {
    HandlerLoader kinds =
        new HandlerLoader(top.valueHere("handlers", Parsers::folder, Parsers::existingFolder));
    List<WorkerEntry> entries = top.list("workers", section -> entry(section, kinds));
    Set<String> seen = new HashSet<>();
    for (WorkerEntry entry : entries) {
      if (!seen.add(entry.queue() + " " + entry.type())) {
        throw new ConfigException(
            "workers", entry.queue() + ", type " + entry.type(), "must be there only once");
      }
    }
    return entries;
  }

  private static WorkerEntry entry(ConfigSection section, HandlerLoader kinds) {
    HandlerFactory kind = section.value("handler", kinds::named);
    HandlerFactory factory = section.checked(() -> kind == null ? kinds.standard() : kind);
    Duration timeout = section.value("timeout", WorkerEntry.TIMEOUT, WorkerReader::timeout);
    return new WorkerEntry(
        section.required("queue", "must be the name of a queue", Parsers::name),
        section.value("type", Worker.ANY, WorkerReader::type),
        section.value(
            "concurrency",
            WorkerEntry.CONCURRENCY,
            Parsers.integer(1, HandlerOptions.CONCURRENCY_MAX)),
        timeout,
        section.value("stack_traces", false, Parsers::bool),
        factory,
        section.section(factory.name(), settings -> target(factory, settings, timeout)));
  }

  private static WorkerEntry.Target target(
      HandlerFactory factory, ConfigSection settings, Duration timeout) {
    HandlerFactory.Configured configured =
        settings.checked(() -> factory.configure(settings, timeout));
    return new WorkerEntry.Target(settings, configured);
  }

  private static String type(String text) {
    return text.equals(Worker.ANY) ? text : Parsers.name(text);
  }

  private static Duration timeout(String text) {
    Duration timeout = Parsers.duration(text);
    if (timeout.toMillis() < 1 || timeout.compareTo(HandlerOptions.TIMEOUT_MAX) > 0) {
      throw new IllegalArgumentException("must be 1ms to 1d");
    }
    return timeout;
  }
}
