package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.Event;
import dev.afterbay.JobId;
import dev.afterbay.QueueStats;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * What the API and the queues have to tell the operator.
 *
 * <p>Queues beyond {@value #QUEUES_MAX} are counted under the name {@code other}, so that no client
 * can fill the registry with names.
 */
final class Meters {

  /** Queues with a label of their own. */
  static final int QUEUES_MAX = 1_000;

  private static final String OTHER = "other";

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(10),
    Duration.ofMinutes(1),
    Duration.ofMinutes(10)
  };

  private final MeterRegistry registry;
  private final Broker broker;
  private final MultiGauge depth;
  private final MultiGauge age;
  private final Timer startDelay;
  private final Map<String, Timer> requests = new ConcurrentHashMap<>();
  private final Map<String, Map<Event.Type, Counter>> events = new ConcurrentHashMap<>();

  Meters(MeterRegistry registry, Broker broker) {
    this.registry = registry;
    this.broker = broker;
    this.depth =
        MultiGauge.builder("afterbay.queue.jobs")
            .description("Jobs of a queue by state")
            .register(registry);
    this.age =
        MultiGauge.builder("afterbay.queue.oldest.pending.age")
            .description("Since the oldest due job became due")
            .baseUnit("seconds")
            .register(registry);
    this.startDelay =
        Timer.builder("afterbay.job.start.delay")
            .description("From acceptance to the first attempt, wanted delays included")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
  }

  void watch(List<ListenerShare> listeners, IntSupplier requests) {
    Gauge.builder("afterbay.http.requests.open", requests, IntSupplier::getAsInt)
        .strongReference(true)
        .description("Requests under way, waits and event streams included")
        .register(registry);
    for (ListenerShare listener : listeners) {
      Gauge.builder("afterbay.http.connections", listener.connections(), Share::taken)
          .description("Open connections")
          .tags("listener", listener.name())
          .register(registry);
      Gauge.builder("afterbay.http.body", listener.budget(), MemoryBudget::taken)
          .description("Bodies of requests and answers under way")
          .tags("listener", listener.name())
          .baseUnit("bytes")
          .register(registry);
    }
  }

  void watchStreams(IntSupplier streams) {
    Gauge.builder("afterbay.http.streams", streams, IntSupplier::getAsInt)
        .strongReference(true)
        .description("Open event streams")
        .register(registry);
  }

  /** A request ended. */
  void request(String pattern, int status, long startedNanos) {
    String result = Character.forDigit(status / 100, 10) + "xx";
    requests
        .computeIfAbsent(pattern + result, _ -> timer(pattern, result))
        .record(System.nanoTime() - startedNanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(String pattern, String result) {
    return Timer.builder("afterbay.http.requests")
        .description("From the header of a request to its answer")
        .tags("route", pattern, "status", result)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  /**
   * A request of SNS ended.
   *
   * @param outcome one of a fixed set of words
   */
  void sns(String outcome) {
    registry.counter("afterbay.sns.requests", "outcome", outcome).increment();
  }

  /**
   * A request was not let in.
   *
   * @param header for which: one of a fixed set
   */
  void refused(String header) {
    registry.counter("afterbay.http.refused", "header", header).increment();
  }

  /**
   * A handshake of TLS came to nothing.
   *
   * @param reason one of a fixed set of words
   */
  void handshakeFailed(String reason) {
    registry.counter("afterbay.tls.handshakes.failed", "reason", reason).increment();
  }

  /** An event stream was too slow. */
  void streamCutOff() {
    registry.counter("afterbay.http.streams.cut.off").increment();
  }

  /** Something happened to a job, a session or a queue. */
  void event(Event event) {
    Counter counter = counters(event.queue()).get(event.type());
    if (counter != null) {
      counter.increment();
    }
    JobId job = event.job();
    if (event.type() == Event.Type.LEASED && event.attempt() == 1 && job != null) {
      long millis = event.at().toEpochMilli() - job.madeAtMillis();
      startDelay.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
    }
  }

  private Map<Event.Type, Counter> counters(String queue) {
    Map<Event.Type, Counter> known = events.get(queue);
    if (known != null) {
      return known;
    }
    String label = events.size() < QUEUES_MAX ? queue : OTHER;
    return events.computeIfAbsent(label, this::newCounters);
  }

  private Map<Event.Type, Counter> newCounters(String queue) {
    Map<Event.Type, Counter> counters = new EnumMap<>(Event.Type.class);
    for (Event.Type type : Event.Type.values()) {
      counters.put(
          type,
          Counter.builder("afterbay.events")
              .description("What happened to jobs, sessions and queues")
              .tags("queue", queue, "event", type.word())
              .register(registry));
    }
    return counters;
  }

  /** Reads the depths anew; before each scrape. */
  void refresh() {
    List<MultiGauge.Row<?>> depths = new ArrayList<>();
    List<MultiGauge.Row<?>> ages = new ArrayList<>();
    for (String queue : broker.queues(null, QUEUES_MAX)) {
      QueueStats stats = broker.queue(queue).stats();
      depths.add(row(queue, "pending", stats.pending()));
      depths.add(row(queue, "scheduled", stats.scheduled()));
      depths.add(row(queue, "waiting", stats.waiting()));
      depths.add(row(queue, "processing", stats.processing()));
      depths.add(row(queue, "done", stats.done()));
      depths.add(row(queue, "failed", stats.failed()));
      depths.add(row(queue, "cancelled", stats.cancelled()));
      double seconds = stats.oldestPendingAge().toMillis() / 1_000.0;
      ages.add(MultiGauge.Row.of(Tags.of("queue", queue), seconds));
    }
    depth.register(depths, true);
    age.register(ages, true);
  }

  private static MultiGauge.Row<?> row(String queue, String state, long jobs) {
    return MultiGauge.Row.of(Tags.of("queue", queue, "state", state), jobs);
  }
}
