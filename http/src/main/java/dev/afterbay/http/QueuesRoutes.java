package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.Status;
import dev.afterbay.client.wire.JobWire;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.QueueWire;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The section Queues of http-api.md. */
final class QueuesRoutes {

  private static final int LIST_DEFAULT = 100;

  private final Broker broker;
  private final HttpApiServices.Defaults defaults;

  QueuesRoutes(HttpApiServices services) {
    broker = services.broker();
    defaults = services.defaults();
  }

  List<Route> routes() {
    return List.of(
        Route.get("/queues", Scope.READ, this::list).query("after", "limit"),
        Route.put("/queues/{q}", Scope.MANAGE, this::configure),
        Route.get("/queues/{q}", Scope.READ, e -> shown(200, existing(e))),
        Route.get("/queues/{q}/settings", Scope.READ, this::settings),
        Route.delete("/queues/{q}", Scope.MANAGE, this::delete).query("force"),
        Route.post(
            "/queues/{q}/pause",
            Scope.MANAGE,
            e -> change(e, QueueState.Kind.PAUSED, QueueAdmin::pause)),
        Route.post(
            "/queues/{q}/drain",
            Scope.MANAGE,
            e -> change(e, QueueState.Kind.DRAINING, QueueAdmin::drain)),
        Route.post(
            "/queues/{q}/resume",
            Scope.MANAGE,
            e -> change(e, QueueState.Kind.ACTIVE, (queue, _) -> queue.resume())),
        Route.post("/queues/{q}/purge", Scope.MANAGE, this::purge).query("status"),
        Route.post("/queues/{q}/redrive", Scope.REVIVE, this::redrive));
  }

  private Response list(Exchange exchange) {
    int max = exchange.query().integer("limit", LIST_DEFAULT, 1, Broker.QUEUES_PAGE_MAX);
    String after = exchange.query().text("after");
    List<String> page =
        broker.queues(after == null ? null : Message.requireName("after", after), max);
    boolean more = page.size() == max && !broker.queues(page.getLast(), 1).isEmpty();
    return Response.object(
        200,
        json -> {
          JobWire.writeNullable(json, "next", more ? page.getLast() : null);
          json.writeArrayPropertyStart("queues");
          for (String name : page) {
            Queue queue = broker.queue(name);
            json.writeStartObject();
            json.writeStringProperty("name", name);
            QueueWire.writeState(json, admin(queue).state(), queue.stats());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  private Response configure(Exchange exchange) {
    Queue queue = broker.queue(exchange.parameter(0));
    QueueSettings settings =
        QueueWire.readSettings(exchange.text(), own -> defaults.of(queue.name(), own));
    QueueAdmin admin = admin(queue);
    boolean existed = admin.exists();
    admin.configure(settings);
    return Response.afterChange(() -> shown(existed ? 200 : 201, queue));
  }

  private static Response shown(int status, Queue queue) {
    return Response.object(
        status,
        json -> {
          json.writeStringProperty("name", queue.name());
          QueueWire.writeSettings(json, admin(queue).settings());
          QueueWire.writeState(json, admin(queue).state(), queue.stats());
        });
  }

  /** The settings in force, also of a queue that does not exist yet. */
  private Response settings(Exchange exchange) {
    QueueSettings settings = admin(broker.queue(exchange.parameter(0))).settings();
    return Response.object(200, json -> QueueWire.writeSettings(json, settings));
  }

  private Response delete(Exchange exchange) {
    NdjsonLines.requireNoFields(exchange.text());
    admin(existing(exchange)).delete(exchange.query().flag("force"));
    return Response.empty(204);
  }

  private Queue existing(Exchange exchange) {
    Queue queue = broker.queue(exchange.parameter(0));
    if (!admin(queue).exists()) {
      throw new BrokerException.QueueNotFound(queue.name());
    }
    return queue;
  }

  private static QueueAdmin admin(Queue queue) {
    return queue.admin().orElseThrow();
  }

  private Response change(
      Exchange exchange, QueueState.Kind kind, BiConsumer<QueueAdmin, String> change) {
    byte[] body = exchange.text();
    String reason = body.length == 0 ? null : reason(body);
    QueueAdmin queue = admin(existing(exchange));
    boolean changes = queue.state().kind() != kind;
    change.accept(queue, reason == null ? "" : reason);
    return affected(changes ? 1 : 0);
  }

  private static @Nullable String reason(byte[] body) {
    @Nullable String[] reason = new @Nullable String[1];
    try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
      json.root(name -> {
        boolean known = name.equals("reason");
        reason[0] = known ? json.text(name) : null;
        return known;
      });
    }
    return reason[0];
  }

  private static Response affected(long count) {
    return Response.object(200, json -> json.writeNumberProperty("affected", count));
  }

  private Response purge(Exchange exchange) {
    NdjsonLines.requireNoFields(exchange.text());
    String word = exchange.query().text("status");
    Status.Kind kind = word == null ? null : JobWire.kind(word);
    if (kind == null || kind == Status.Kind.PROCESSING) {
      throw new Rejected("status", "status must be pending, failed, done or cancelled");
    }
    return affected(admin(existing(exchange)).purge(kind));
  }

  private Response redrive(Exchange exchange) {
    byte[] body = exchange.text();
    RedriveFields fields = new RedriveFields();
    if (body.length > 0) {
      try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
        json.root(name -> fields.take(json, name));
      }
    }
    Redrive.Result redriven = admin(existing(exchange)).redrive(fields.redrive());
    return Response.object(
        202,
        json -> {
          json.writeNumberProperty("matched", redriven.matched());
          json.writeStringProperty("redrive_id", redriven.id());
        });
  }

  private static final class RedriveFields {
    private @Nullable String type;
    private @Nullable String errorContains;
    private @Nullable Long limit;
    private @Nullable Long perSecond;
    private @Nullable Boolean dryRun;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "type" -> type = json.text(name);
        case "error_contains" -> errorContains = json.text(name);
        case "limit" -> limit = json.integer(name, 1, Long.MAX_VALUE);
        case "rate_per_s" -> perSecond = json.integer(name, 1, Integer.MAX_VALUE);
        case "dry_run" -> dryRun = json.flag(name);
        default -> {
          return false;
        }
      }
      return true;
    }

    Redrive redrive() {
      Integer rate = perSecond == null ? null : perSecond.intValue();
      return Redrive.ALL
          .type(type)
          .errorContains(errorContains)
          .limit(limit)
          .perSecond(rate)
          .dryRun(dryRun != null && dryRun);
    }
  }
}
