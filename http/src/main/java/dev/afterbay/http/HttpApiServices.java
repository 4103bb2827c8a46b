package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the API stands on. All of it stays the caller's to close.
 *
 * @param broker must keep jobs ({@link Broker#jobs()}) and have {@link dev.afterbay.Queue#admin()}
 * @param clock both clocks of the store, {@code engine.clock()::now}: shows due times as wall times
 * @param defaults what a {@code PUT /queues/{q}} leaves out
 * @param health asked for {@code /health/ready}
 * @param types which job types are taken (config.md, validate_types)
 * @param meters takes the measurements of the API and of the queues
 * @param scrape the text of {@code /metrics}, of the content type that it is given: that of
 *     Prometheus or that of OpenMetrics
 * @param version the text of {@code /version}
 * @param sns null: there is no SNS webhook, {@code /sns/*} is answered 404
 */
public record HttpApiServices(
    Broker broker,
    Supplier<Moment> clock,
    Defaults defaults,
    Health health,
    Types types,
    MeterRegistry meters,
    UnaryOperator<String> scrape,
    String version,
    @Nullable SnsWebhook sns) {

  /** With the same defaults for every queue. */
  public HttpApiServices(
      Broker broker,
      Supplier<Moment> clock,
      QueueSettings defaults,
      Health health,
      Types types,
      MeterRegistry meters,
      UnaryOperator<String> scrape,
      String version,
      @Nullable SnsWebhook sns) {
    this(broker, clock, (_, _) -> defaults, health, types, meters, scrape, version, sns);
  }

  /** What settings a queue has that do not say what they are. */
  @FunctionalInterface
  public interface Defaults {

    /**
     * @param ownAttempts {@code max_attempts} is given, so how long to try is decided
     */
    QueueSettings of(String queue, boolean ownAttempts);
  }

  /** Whether this process can do its work now. */
  @FunctionalInterface
  public interface Health {

    /** Always healthy. */
    Health GOOD = List::of;

    /** Why not, such as {@code disk full}; empty: it can. Must not block for long. */
    List<String> reasons();
  }

  /** Which job types have a handler. */
  @FunctionalInterface
  public interface Types {

    /** Types are not validated. */
    Types ANY = (_, _) -> true;

    boolean knows(String queue, String type);
  }
}
