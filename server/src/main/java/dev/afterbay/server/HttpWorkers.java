package dev.afterbay.server;

import dev.afterbay.Queue;
import dev.afterbay.engine.Engine;
import dev.afterbay.handlers.WebhookHandler;
import dev.afterbay.server.Config.WorkerEntry;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** The workers of the configuration: one for each queue, with a target for each of its types. */
final class HttpWorkers implements AutoCloseable {
  /** The target ends its request by itself; the worker's timeout is for when it does not. */
  private static final Duration TIMEOUT_MARGIN = Duration.ofSeconds(5);

  private final Duration grace;
  private final List<WebhookHandler> targets = new ArrayList<>();
  private final List<Worker> workers = new ArrayList<>();

  private HttpWorkers(Duration grace) {
    this.grace = grace;
  }

  /**
   * @throws ConfigException if a target is at an address where no request may go
   */
  static HttpWorkers start(Config config, Engine engine) {
    HttpWorkers started = new HttpWorkers(config.shutdownGrace());
    Map<String, List<WorkerEntry>> byQueue =
        config.workers().stream().collect(Collectors.groupingBy(WorkerEntry::queue));
    try {
      byQueue.forEach((queue, entries) -> started.start(engine, engine.queue(queue), entries));
      return started;
    } catch (ConfigException e) {
      started.close();
      throw e;
    }
  }

  private void start(Engine engine, Queue queue, List<WorkerEntry> entries) {
    Worker.Builder builder =
        Worker.of(queue)
            .consumer("http")
            .onBreaker(
                e -> engine.events().publish(e.type(), e.at(), e.queue(), e.handler(), null));
    for (WorkerEntry entry : entries) {
      builder.handle(entry.type(), target(queue, entry), handling(entry));
    }
    workers.add(builder.start());
  }

  private WebhookHandler target(Queue queue, WorkerEntry entry) {
    try {
      WebhookHandler target = new WebhookHandler(entry.target(), queue, InstantSource.system());
      targets.add(target);
      return target;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "workers, queue " + queue.name() + ", http.url",
          entry.target().url().toString(),
          String.valueOf(e.getMessage()));
    }
  }

  private static HandlerOptions handling(WorkerEntry entry) {
    Duration timeout = entry.target().timeout().plus(TIMEOUT_MARGIN);
    return HandlerOptions.STANDARD
        .concurrency(entry.concurrency())
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
    targets.forEach(WebhookHandler::close);
  }
}
