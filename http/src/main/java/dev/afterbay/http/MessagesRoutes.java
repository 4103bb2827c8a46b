package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.SendResult;
import dev.afterbay.Settlement;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.MessageWire;
import dev.afterbay.client.wire.NotesWire;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.Times;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The section Messages of http-api.md, but for sessions. */
final class MessagesRoutes {

  private static final Logger LOG = System.getLogger(MessagesRoutes.class.getName());
  static final int SETTLE_BYTES_MAX = 16 << 20;
  static final int RENEW_BYTES_MAX = 1 << 20;

  /** A checkpoint and a result in base64, and texts that may be escaped. */
  private static final int NOTES_BYTES_MAX = 1 << 20;

  static final int PEEK_DEFAULT = 10;

  private final Broker broker;
  private final Sends sends;
  private final Supplier<Moment> clock;
  private final Limits limits;
  private final RateLimitedLog log;

  MessagesRoutes(HttpApiServices services, InFlightRequests inFlight, Limits limits) {
    this.broker = services.broker();
    this.sends = new Sends(services);
    this.clock = services.clock();
    this.limits = limits;
    this.log = inFlight.log();
  }

  List<Route> routes() {
    return List.of(
        Route.post("/queues/{q}/messages", Scope.SEND, this::send)
            .readingOwnHeaders()
            .body(limits.bodyBytesMax()),
        Route.post("/queues/{q}/messages/batch", Scope.SEND, this::sendBatch)
            .readingOwnHeaders()
            .body(NdjsonLines.requestBytesMax(limits)),
        Route.post("/messages/batch", Scope.SEND, this::sendToSeveral)
            .readingOwnHeaders()
            .body(NdjsonLines.requestBytesMax(limits)),
        Route.post("/queues/{q}/receive", Scope.CLAIM, this::receive),
        Route.post("/queues/{q}/settle", Scope.SETTLE, this::settle).body(SETTLE_BYTES_MAX),
        Route.post("/queues/{q}/renew", Scope.SETTLE, this::renew).body(RENEW_BYTES_MAX),
        Route.post("/queues/{q}/notes", Scope.SETTLE, this::note).body(NOTES_BYTES_MAX),
        Route.post("/queues/{q}/notes/checkpoint", Scope.SETTLE, this::checkpoint),
        Route.get("/queues/{q}/peek", Scope.READ, this::peek).query("limit", "include"));
  }

  private Response send(Exchange exchange) {
    Message message = MessageHeaders.read(exchange.headers()).message(exchange.body());
    SendResult sent = sends.send(exchange.parameter(0), List.of(message)).getFirst();
    return JobsRoutes.id(sent).header("Location", "/jobs/" + sent.id());
  }

  private Response sendBatch(Exchange exchange) {
    Headers.requireNoneOfOneMessage(exchange.headers());
    byte[] body = exchange.text();
    List<Message> messages = new ArrayList<>();
    NdjsonLines.each(
        body,
        limits,
        (from, length) -> messages.add(MessageWire.readMessage(body, from, length, limits)));
    return JobsRoutes.ids(sends.send(exchange.parameter(0), messages));
  }

  private Response sendToSeveral(Exchange exchange) {
    Headers.requireNoneOfOneMessage(exchange.headers());
    byte[] body = exchange.text();
    List<Broker.Addressed> messages = new ArrayList<>();
    NdjsonLines.each(
        body,
        limits,
        (from, length) -> messages.add(MessageWire.readAddressed(body, from, length, limits)));
    return JobsRoutes.ids(sends.send(messages));
  }

  private Response receive(Exchange exchange) {
    ReceiveFields wanted = ReceiveFields.read(exchange.text());
    Queue queue = broker.queue(exchange.parameter(0));
    ResponseBudget room = exchange.room(limits);
    ReceiveOptions receiving = wanted.receiving(exchange).room(room);
    String token = wanted.sessionToken;
    List<Delivery> deliveries = new ArrayList<>();
    // A session is left as it is: closing it would let it go.
    Receiver receiver =
        token == null ? queue.receiver(receiving) : SessionsRoutes.session(queue, token, receiving);
    List<Receipt> receipts;
    try {
      exchange.whileConnected(
          wanted.waitId,
          () -> {
            gather(receiver, wanted, room, deliveries);
            return true;
          });
      receipts = deliveries.stream().map(Delivery::detach).toList();
    } catch (RuntimeException e) {
      if (token != null) {
        deliveries.forEach(this::release);
      }
      throw e;
    } finally {
      if (token == null) {
        receiver.close(); // Hands back what is not detached.
      }
    }
    return deliveries(deliveries, receipts, wanted.withJob).orElse(() -> release(queue, receipts));
  }

  /** More than once where the first were large: then there may be room for more of them. */
  private static void gather(
      Receiver receiver, ReceiveFields wanted, ResponseBudget room, List<Delivery> deliveries)
      throws InterruptedException {
    deliveries.addAll(receiver.receive(wanted.max, wanted.wait, wanted.types()));
    boolean more = !deliveries.isEmpty();
    while (more && room.wasFull() && deliveries.size() < wanted.max) {
      int left = wanted.max - deliveries.size();
      more = false;
      try {
        more = deliveries.addAll(receiver.receive(left, Duration.ZERO, wanted.types()));
      } catch (Problem.Failure e) {
        LOG.log(Level.DEBUG, "an answer is smaller, as there is no room for more", e);
      }
    }
  }

  private Response deliveries(List<Delivery> deliveries, List<Receipt> receipts, boolean withJob) {
    return Response.object(
        200,
        json -> {
          json.writeArrayPropertyStart("deliveries");
          for (int i = 0; i < deliveries.size(); i++) {
            Delivery delivery = deliveries.get(i);
            String until = Times.format(delivery.leasedUntil());
            String receipt = receipts.get(i).value();
            DeliveryWire.write(json, delivery.job(), receipt, until, withJob);
          }
          json.writeEndArray();
        });
  }

  /** Each by itself: one that cannot be handed back keeps no other. */
  private void release(Delivery delivery) {
    try {
      delivery.settle(Outcome.release());
    } catch (RuntimeException e) {
      warnLost(1, e);
    }
  }

  private void warnLost(int count, RuntimeException e) {
    String what = "deliveries were lost on their way; their leases lapse";
    log.warn(LOG, what, count + " " + what, e);
  }

  /** The client did not get them: they go back at once, uncounted. */
  private void release(Queue queue, List<Receipt> receipts) {
    if (!receipts.isEmpty()) {
      try {
        queue.settle(
            receipts.stream().map(each -> new Settlement(each, Outcome.release())).toList());
      } catch (RuntimeException e) {
        warnLost(receipts.size(), e);
      }
    }
  }

  private Response settle(Exchange exchange) {
    List<Settlement> settlements = DeliveryWire.readSettlements(exchange.text());
    Queue queue = broker.queue(exchange.parameter(0));
    return Response.json(
        200,
        DeliveryWire.writeResults(
            settlements.stream().map(Settlement::receipt).toList(),
            queue.settle(settlements),
            null));
  }

  private Response renew(Exchange exchange) {
    Renewal renewal = Renewal.read(exchange.text());
    Queue queue = broker.queue(exchange.parameter(0));
    return renewal.answer(queue, queue::renew, clock);
  }

  /** What an attempt tells of its job, each thing by itself. */
  private Response note(Exchange exchange) {
    NotesWire.Told told = NotesWire.readTold(exchange.text());
    JobContext context = context(exchange, told.receipt());
    told.notes().forEach(context::note);
    return Response.empty(204);
  }

  /** The attempt of a receipt; what is no receipt of ours holds nothing. */
  private JobContext context(Exchange exchange, Receipt receipt) {
    try {
      return broker.queue(exchange.parameter(0)).context(receipt);
    } catch (Rejected e) {
      if (!e.field().equals("receipt")) {
        throw e;
      }
      throw new Problem.Failure(
          Problem.of(Problem.Type.LEASE_LOST, String.valueOf(e.getMessage())));
    }
  }

  private Response checkpoint(Exchange exchange) {
    Receipt receipt = NotesWire.readReceipt(exchange.text());
    Optional<byte[]> kept = context(exchange, receipt).checkpoint();
    return Response.object(
        200, json -> kept.ifPresent(it -> json.writeBinaryProperty("checkpoint_base64", it)));
  }

  private Response peek(Exchange exchange) throws InterruptedException {
    Query query = exchange.query();
    boolean withJob = requireJob(query.text("include"));
    int max = query.integer("limit", PEEK_DEFAULT, 1, Receiver.RECEIVE_MAX);
    Queue queue = broker.queue(exchange.parameter(0));
    ResponseBudget room = exchange.room(limits);
    List<Job> next = queue.peek(max, room.takePage(max, true));
    room.keep(next);
    return Response.object(
        200,
        json -> {
          json.writeArrayPropertyStart("deliveries");
          next.forEach(job -> DeliveryWire.write(json, job, null, null, withJob));
          json.writeEndArray();
        });
  }

  /** Whether the jobs of deliveries are asked for. */
  static boolean requireJob(@Nullable String include) {
    if (include != null && !include.equals("job")) {
      throw new Rejected("include", "include may be job: " + include);
    }
    return include != null;
  }

  /** What {@code receive} is asked for. */
  private static final class ReceiveFields {
    private static final int MAX_DEFAULT = 10;
    private static final int TYPES_MAX = 1_000;

    private int max = MAX_DEFAULT;
    private Duration wait = Duration.ZERO;
    private @Nullable Duration lease;
    private @Nullable String consumer;
    private @Nullable String sessionToken;
    private @Nullable String waitId;
    private @Nullable List<String> onlyTypes;
    private @Nullable List<String> exceptTypes;
    private boolean withJob;

    static ReceiveFields read(byte[] body) {
      ReceiveFields fields = new ReceiveFields();
      if (body.length > 0) {
        try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
          json.root(name -> fields.take(json, name));
        }
      }
      if (fields.onlyTypes != null && fields.exceptTypes != null) {
        throw new Rejected("except_types", "except_types contradicts only_types: give one");
      }
      return fields;
    }

    private boolean take(JsonReader json, String name) {
      switch (name) {
        case "max" -> {
          Long given = json.integer(name, 1, Receiver.RECEIVE_MAX);
          max = given == null ? MAX_DEFAULT : given.intValue();
        }
        case "wait" -> wait = SessionsRoutes.waiting(name, json.duration(name));
        case "lease" -> lease = json.duration(name);
        case "consumer" -> consumer = json.text(name);
        case "wait_id" -> waitId = json.text(name);
        case "session_token" -> sessionToken = json.text(name);
        case "only_types" -> onlyTypes = json.textList(name, TYPES_MAX);
        case "except_types" -> exceptTypes = json.textList(name, TYPES_MAX);
        case "include" -> withJob = requireJob(json.text(name));
        default -> {
          return false;
        }
      }
      return true;
    }

    ReceiveOptions receiving(Exchange exchange) {
      return new ReceiveOptions(
          exchange.consumer(consumer), lease, true, ReceiveOptions.Room.STANDARD);
    }

    ReceiveOptions.Types types() {
      if (onlyTypes != null) {
        return ReceiveOptions.Types.only(Set.copyOf(onlyTypes));
      }
      return exceptTypes == null
          ? ReceiveOptions.Types.ALL
          : ReceiveOptions.Types.allBut(Set.copyOf(exceptTypes));
    }
  }
}
