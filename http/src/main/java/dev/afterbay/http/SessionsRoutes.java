package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.Times;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sessions of consumers without a connection of their own (http-api.md, Messages). */
final class SessionsRoutes {

  /** Longest wait of one request. */
  private final Broker broker;

  private final InFlightRequests inFlight;

  SessionsRoutes(HttpApiServices services, InFlightRequests inFlight) {
    this.broker = services.broker();
    this.inFlight = inFlight;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/queues/{q}/sessions/{token}", Scope.SETTLE, e -> held(session(e))),
        Route.post("/queues/{q}/sessions/accept", Scope.CLAIM, this::accept),
        Route.post("/queues/{q}/sessions/{token}/renew", Scope.SETTLE, this::renew),
        Route.post("/queues/{q}/sessions/{token}/close", Scope.SETTLE, this::close),
        Route.get("/queues/{q}/sessions/{token}/state", Scope.SETTLE, this::state),
        Route.put("/queues/{q}/sessions/{token}/state", Scope.SETTLE, this::putState)
            .body(Session.STATE_BYTES_MAX),
        Route.delete("/queues/{q}/sessions/{token}/state", Scope.SETTLE, this::deleteState),
        Route.post("/waits/{id}/end", Scope.SETTLE, this::endWait));
  }

  /** A wait as it was given, or none. */
  static Duration waiting(String field, @Nullable Duration wait) {
    if (wait == null) {
      return Duration.ZERO;
    }
    if (wait.compareTo(DeliveryWire.WAIT_MAX) > 0) {
      throw new Rejected(field, field + " must be 0 to 60s");
    }
    return wait;
  }

  /** Longer texts cannot be ours, and are not carried further. */
  private static Session.Token token(String text) {
    return new Session.Token(text.length() <= Receipt.CHARS_MAX ? text : "");
  }

  private Response accept(Exchange exchange) {
    Fields wanted = Fields.read(exchange.text());
    Queue queue = broker.queue(exchange.parameter(0));
    String consumer = exchange.consumer(wanted.consumer);
    ReceiveOptions receiving =
        ReceiveOptions.STANDARD.consumer(consumer).lease(wanted.lease).detached(true);
    Optional<Session> accepted =
        exchange.whileConnected(
            wanted.waitId, () -> queue.session(wanted.session, wanted.wait, receiving));
    if (accepted == null || accepted.isEmpty()) {
      return Response.empty(204);
    }
    Session session = accepted.get();
    return held(session).orElse(session::close);
  }

  private static Response held(Session session) {
    return Response.object(
        200,
        json -> {
          json.writeStringProperty("session", session.name());
          json.writeStringProperty("token", session.token().value());
          json.writeStringProperty("held_until", Times.format(session.heldUntil()));
        });
  }

  private Response renew(Exchange exchange) {
    Duration lease = lease(exchange.text());
    Session session = session(exchange);
    session.renew(lease);
    return held(session);
  }

  private static @Nullable Duration lease(byte[] body) {
    @Nullable Duration[] lease = new @Nullable Duration[1];
    if (body.length > 0) {
      try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
        json.root(name -> {
          boolean known = name.equals("lease");
          lease[0] = known ? json.duration(name) : lease[0];
          return known;
        });
      }
    }
    return lease[0];
  }

  private Response close(Exchange exchange) {
    NdjsonLines.requireNoFields(exchange.text());
    session(exchange).close();
    return Response.empty(204);
  }

  private Response state(Exchange exchange) {
    return session(exchange)
        .state()
        .map(state -> Response.of(200, Message.BYTES, state))
        .orElseGet(() -> Response.empty(204));
  }

  private Response putState(Exchange exchange) {
    session(exchange).state(exchange.body());
    return Response.empty(204);
  }

  private Response deleteState(Exchange exchange) {
    NdjsonLines.requireNoFields(exchange.text());
    session(exchange).state(null);
    return Response.empty(204);
  }

  private Session session(Exchange exchange) {
    ReceiveOptions receiving =
        ReceiveOptions.STANDARD.consumer(exchange.consumer(null)).detached(true);
    return session(broker.queue(exchange.parameter(0)), exchange.parameter(1), receiving);
  }

  /** The session of a token; what is no token of ours holds none. */
  static Session session(Queue queue, String token, ReceiveOptions receiving) {
    try {
      return queue.session(token(token), receiving);
    } catch (Rejected e) {
      if (!e.field().equals("session_token")) {
        throw e;
      }
      throw new Problem.Failure(
          Problem.of(Problem.Type.SESSION_LOST, String.valueOf(e.getMessage())));
    }
  }

  /** Ends a wait that somebody does not want any longer; its request is answered at once. */
  private Response endWait(Exchange exchange) {
    NdjsonLines.requireNoFields(exchange.text());
    boolean ended = inFlight.endWait(exchange.parameter(0));
    return Response.object(200, json -> json.writeNumberProperty("affected", ended ? 1 : 0));
  }

  private static final class Fields {
    private @Nullable String session;
    private @Nullable String waitId;
    private Duration wait = Duration.ZERO;
    private @Nullable Duration lease;
    private @Nullable String consumer;

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
        case "session" -> session = json.text(name);
        case "wait_id" -> waitId = json.text(name);
        case "wait" -> wait = waiting(name, json.duration(name));
        case "lease" -> lease = json.duration(name);
        case "consumer" -> consumer = json.text(name);
        default -> {
          return false;
        }
      }
      return true;
    }
  }
}
