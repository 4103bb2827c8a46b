package dev.afterbay.server;

import dev.afterbay.Queue;
import dev.afterbay.engine.Engine;
import dev.afterbay.server.Config.WorkerEntry;
import dev.afterbay.worker.BreakerSettings;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** The workers of the configuration: one for each queue, with a handler for each of its types. */
final class ConfiguredWorkers implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ConfiguredWorkers.class.getName());

  /** A handler ends its attempt by itself; the worker's timeout is for when it does not. */
  private static final Duration TIMEOUT_MARGIN = Duration.ofSeconds(5);

  /** A quarter of the heap, for the bodies that all handlers have. */
  private static final long BODY_BYTES = Runtime.getRuntime().maxMemory() / 4;

  private final Duration grace;
  private final List<AutoCloseable> handlers = new ArrayList<>();
  private final List<Worker> workers = new ArrayList<>();

  private ConfiguredWorkers(Duration grace) {
    this.grace = grace;
  }

  /**
   * @throws ConfigException if a handler finds now that it cannot work as configured
   */
  static ConfiguredWorkers start(Config config, Engine engine) {
    ConfiguredWorkers started = new ConfiguredWorkers(config.shutdownGrace());
    Map<String, List<WorkerEntry>> byQueue =
        config.workers().stream().collect(Collectors.groupingBy(WorkerEntry::queue));
    try {
      long bodyBytesMax = BODY_BYTES / Math.max(1, byQueue.size());
      byQueue.forEach((queue, entries) ->
          started.start(engine, engine.queue(queue), entries, Math.max(1, bodyBytesMax)));
      return started;
    } catch (RuntimeException e) {
      started.close();
      throw e;
    }
  }

  private void start(Engine engine, Queue queue, List<WorkerEntry> entries, long bodyBytesMax) {
    Worker.Builder builder =
        Worker.of(queue)
            .consumer(kinds(entries))
            .bodyBytesMax(bodyBytesMax)
            .onBreaker(
                e -> engine.events().publish(e.type(), e.at(), e.queue(), e.handler(), null));
    for (WorkerEntry entry : entries) {
      builder.handle(entry.type(), handler(queue, entry), handling(entry));
    }
    workers.add(builder.start());
  }

  /** What a job says to be processed by: {@code http}. */
  private static String kinds(List<WorkerEntry> entries) {
    return entries.stream()
        .map(entry -> entry.kind().name())
        .distinct()
        .sorted()
        .collect(Collectors.joining("+"));
  }

  private Handler handler(Queue queue, WorkerEntry entry) {
    Handler handler = entry.target().open(queue);
    if (handler instanceof AutoCloseable closeable) {
      handlers.add(closeable);
    }
    return handler;
  }

  static HandlerOptions handling(WorkerEntry entry) {
    Duration timeout = entry.timeout().plus(TIMEOUT_MARGIN);
    return HandlerOptions.STANDARD
        .concurrency(entry.concurrency())
        .breaker(entry.kind().hasOneTarget() ? BreakerSettings.STANDARD : null)
        .stackTraces(entry.stackTraces())
        .timeout(
            timeout.compareTo(HandlerOptions.TIMEOUT_MAX) < 0
                ? timeout
                : HandlerOptions.TIMEOUT_MAX);
  }

  /** Lets handlers finish, all queues at the same time, then hands back what is left. */
  @Override
  public void close() {
    try (ExecutorService closing = Executors.newVirtualThreadPerTaskExecutor()) {
      workers.forEach(worker -> closing.execute(() -> worker.close(grace)));
    }
    handlers.forEach(ConfiguredWorkers::close);
  }

  private static void close(AutoCloseable handler) {
    try {
      handler.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.log(Level.WARNING, "a handler was not closed, as this was interrupted: " + handler, e);
    } catch (Exception e) {
      LOG.log(Level.WARNING, "a handler could not be closed: " + handler, e);
    }
  }
}
