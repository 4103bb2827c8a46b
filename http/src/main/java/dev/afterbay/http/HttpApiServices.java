package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
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
 * @param types which jobs are taken (config.md, validate_types), and the handlers there are
 * @param meters takes the measurements of the API and of the queues
 * @param scrape the text of {@code /metrics}, of the content type that it is given: that of
 *     Prometheus or that of OpenMetrics
 * @param version the text of {@code /version}
 * @param sns null: there is no SNS webhook, {@code /sns/*} is answered 404
 * @param steps is told of messages that come in
 * @param backups asked for {@code /backup}
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
    @Nullable SnsWebhook sns,
    Steps steps,
    Backups backups) {

  /** Without backups, and with nobody who is told of messages. */
  public HttpApiServices(
      Broker broker,
      Supplier<Moment> clock,
      Defaults defaults,
      Health health,
      Types types,
      MeterRegistry meters,
      UnaryOperator<String> scrape,
      String version,
      @Nullable SnsWebhook sns) {
    this(
        broker,
        clock,
        defaults,
        health,
        types,
        meters,
        scrape,
        version,
        sns,
        Steps.NONE,
        Backups.UNSUPPORTED);
  }

  /** The same, with one set of defaults for every queue. */
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

  /** The same with backups. */
  public HttpApiServices backups(Backups backups) {
    return new HttpApiServices(
        broker, clock, defaults, health, types, meters, scrape, version, sns, steps, backups);
  }

  /** The same with somebody who is told of messages. */
  public HttpApiServices steps(Steps steps) {
    return new HttpApiServices(
        broker, clock, defaults, health, types, meters, scrape, version, sns, steps, backups);
  }

  /** Writes what the store holds ({@link dev.afterbay.store.Store#backup}). */
  @FunctionalInterface
  public interface Backups {

    /** There is nothing that could be restored. */
    Backups UNSUPPORTED =
        _ -> {
          throw new BrokerException.Unsupported(
              "this server has no backups: export its jobs (GET /jobs/export)");
        };

    /** As {@link dev.afterbay.store.Store#backup}. */
    void write(OutputStream to) throws IOException, InterruptedException;
  }

  /** What settings a queue has that do not say what they are. */
  @FunctionalInterface
  public interface Defaults {

    /**
     * @param ownAttempts {@code max_attempts} is given, so how long to try is decided
     */
    QueueSettings of(String queue, boolean ownAttempts);
  }

  /**
   * Is told what happens to messages that come in, as far as the broker does not tell it: before
   * they are jobs, or instead. Called by many threads, on the way of each message: must not block.
   */
  public interface Steps {

    /** Nobody wants to know. */
    Steps NONE =
        new Steps() {
          @Override
          public void received(String queue, Message message) {}

          @Override
          public void verified(String queue, Message message, long nanos) {}

          @Override
          public void known(String queue, Message message, JobId id) {}
        };

    /** It has come in, and is what it must be; it is not stored yet. */
    void received(String queue, Message message);

    /**
     * It was found to be signed by whom it says.
     *
     * @param nanos that took
     */
    void verified(String queue, Message message, long nanos);

    /**
     * It was not stored, as one with the same key was before.
     *
     * @param id that of the first one
     */
    void known(String queue, Message message, JobId id);
  }

  /** Whether this process can do its work now. */
  @FunctionalInterface
  public interface Health {

    /** Always healthy. */
    Health GOOD = List::of;

    /** Why not, such as {@code disk full}; empty: it can. Must not block for long. */
    List<String> reasons();
  }

  /** Which job types have a handler, and which payloads those take. */
  @FunctionalInterface
  public interface Types {

    /** Types are not validated. */
    // No lambda: the launcher's cache keeps none of an interface, so each start would make it.
    Types ANY =
        new Types() {
          @Override
          public boolean knows(String queue, String type) {
            return true;
          }
        };

    boolean knows(String queue, String type);

    /** Why a message of a known type is refused; null: it is taken. */
    default @Nullable Refusal refusal(String queue, Message message) {
      return null;
    }

    /** The handlers of this process. */
    default List<Handled> handlers() {
      return List.of();
    }

    /**
     * What is wrong.
     *
     * @param pointer into the payload (RFC 6901); null: nothing is wrong with it, but its handler
     *     takes none now
     */
    record Refusal(@Nullable String pointer, String detail) {}

    /**
     * A type that is handled.
     *
     * @param type {@code *}: each that has no handler of its own
     * @param handler its kind, such as {@code http}
     * @param schema of its payloads, the text of a JSON Schema; null: they can be anything
     */
    record Handled(String queue, String type, String handler, @Nullable String schema) {}
  }
}
