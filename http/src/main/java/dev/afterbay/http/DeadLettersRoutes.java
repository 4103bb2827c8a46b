package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.DeadLetters;
import dev.afterbay.Job;
import dev.afterbay.Limits;
import dev.afterbay.Moment;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import dev.afterbay.client.wire.DeadLettersWire;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.Times;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The dead letters of the section Mail, dead letters, sessions of http-api.md. */
final class DeadLettersRoutes {

  private static final Logger LOG = System.getLogger(DeadLettersRoutes.class.getName());

  private final Broker broker;
  private final Supplier<Moment> clock;
  private final Limits limits;
  private final RateLimitedLog log;

  DeadLettersRoutes(HttpApiServices services, InFlightRequests inFlight, Limits limits) {
    this.broker = services.broker();
    this.clock = services.clock();
    this.limits = limits;
    this.log = inFlight.log();
  }

  List<Route> routes() {
    return List.of(
        Route.get("/queues/{q}/dead/stats", Scope.READ, this::stats),
        Route.get("/queues/{q}/dead/peek", Scope.READ, this::peek).query("limit", "include"),
        Route.post("/queues/{q}/dead/receive", Scope.CLAIM, this::receive),
        Route.post("/queues/{q}/dead/settle", Scope.SETTLE, this::settle)
            .body(MessagesRoutes.SETTLE_BYTES_MAX),
        Route.post("/queues/{q}/dead/renew", Scope.SETTLE, this::renew)
            .body(MessagesRoutes.RENEW_BYTES_MAX));
  }

  private Queue queue(Exchange exchange) {
    return broker.queue(exchange.parameter(0));
  }

  private static DeadLetters of(Queue queue) {
    return queue.deadLetters().orElseThrow();
  }

  private Response stats(Exchange exchange) {
    DeadLetters.Stats stats = of(queue(exchange)).stats();
    return Response.object(200, json -> DeadLettersWire.writeStats(json, stats));
  }

  private Response peek(Exchange exchange) throws InterruptedException {
    Query query = exchange.query();
    boolean withJob = MessagesRoutes.requireJob(query.text("include"));
    int max = query.integer("limit", MessagesRoutes.PEEK_DEFAULT, 1, Receiver.RECEIVE_MAX);
    ResponseBudget room = exchange.room(limits);
    List<Job> first = of(queue(exchange)).peek(max, room.takePage(max, true));
    room.keep(first);
    return Response.object(
        200,
        json -> {
          json.writeArrayPropertyStart("deliveries");
          first.forEach(job -> DeliveryWire.write(json, job, null, null, withJob));
          json.writeEndArray();
        });
  }

  private Response receive(Exchange exchange) throws InterruptedException {
    Fields wanted = Fields.read(exchange.text());
    DeadLetters dead = of(queue(exchange));
    ResponseBudget room = exchange.room(limits);
    List<DeadLetters.Leased> letters =
        dead.receive(wanted.max, wanted.lease, room.takePage(wanted.max, true));
    room.keep(letters.stream().map(DeadLetters.Leased::job).toList());
    return Response.object(
            200,
            json -> {
              json.writeArrayPropertyStart("deliveries");
              for (DeadLetters.Leased letter : letters) {
                String until = Times.format(letter.leasedUntil());
                String receipt = letter.receipt().value();
                DeliveryWire.write(json, letter.job(), receipt, until, wanted.withJob);
              }
              json.writeEndArray();
            })
        .orElse(() -> release(dead, letters));
  }

  /** The client did not get them: others can have them at once. */
  private void release(DeadLetters dead, List<DeadLetters.Leased> letters) {
    try {
      dead.settle(
          letters.stream()
              .map(each -> new DeadLetters.Settled(each.receipt(), DeadLetters.End.RELEASE))
              .toList());
    } catch (RuntimeException e) {
      String what = "dead letters were lost on their way; their leases lapse";
      log.warn(LOG, what, letters.size() + " " + what, e);
    }
  }

  private Response settle(Exchange exchange) {
    List<DeadLetters.Settled> settled = DeadLettersWire.readSettlements(exchange.text());
    return Response.json(
        200,
        DeliveryWire.writeResults(
            settled.stream().map(DeadLetters.Settled::receipt).toList(),
            of(queue(exchange)).settle(settled),
            null));
  }

  private Response renew(Exchange exchange) {
    Renewal renewal = Renewal.read(exchange.text());
    Queue queue = queue(exchange);
    return renewal.answer(queue, of(queue)::renew, clock);
  }

  /** What {@code receive} is asked for. */
  private static final class Fields {
    private static final int MAX_DEFAULT = 10;

    private int max = MAX_DEFAULT;
    private @Nullable Duration lease;
    private boolean withJob;

    static Fields read(byte[] body) {
      Fields fields = new Fields();
      if (body.length > 0) {
        try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
          json.root(name -> fields.take(json, name));
        }
      }
      return fields;
    }

    private boolean take(JsonReader json, String name) {
      switch (name) {
        case "max" -> {
          Long given = json.integer(name, 1, Receiver.RECEIVE_MAX);
          max = given == null ? MAX_DEFAULT : given.intValue();
        }
        case "wait" -> requireNone(name, json.duration(name));
        case "lease" -> lease = json.duration(name);
        case "include" -> withJob = MessagesRoutes.requireJob(json.text(name));
        default -> {
          return false;
        }
      }
      return true;
    }

    private static void requireNone(String name, @Nullable Duration wait) {
      if (wait != null && !wait.isZero()) {
        throw new Rejected(name, name + " must be 0: what is a dead letter is there at once");
      }
    }
  }
}
