package dev.afterbay.http;

import dev.afterbay.Limits;
import dev.afterbay.client.wire.LimitsWire;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;

/** The section Operation of http-api.md, but for the page. */
final class OperationRoutes {

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final HttpApiServices services;
  private final InFlightRequests inFlight;
  private final Limits limits;
  private final boolean onLoopback;
  private final Supplier<byte[]> openapi = Resources.later("openapi.json");

  OperationRoutes(
      HttpApiServices services, InFlightRequests inFlight, Limits limits, boolean onLoopback) {
    this.services = services;
    this.inFlight = inFlight;
    this.limits = limits;
    this.onLoopback = onLoopback;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/version", Scope.READ, _ -> version()),
        Route.get("/handlers", Scope.READ, _ -> handlers()),
        Route.get("/health/live", Scope.HEALTH, _ -> health(List.of())),
        Route.get("/health/ready", Scope.HEALTH, _ -> ready()),
        Route.get("/metrics", Scope.OPERATE, this::metrics),
        Route.get("/openapi.json", Scope.READ, _ -> Response.json(200, openapi.get())));
  }

  /** With the limits, which our own client asks for. */
  private Response version() {
    return Response.object(
        200,
        json -> {
          json.writeStringProperty("name", "afterbay");
          json.writeStringProperty("version", services.version());
          json.writeStringProperty("access", access());
          json.writeObjectPropertyStart("limits");
          LimitsWire.write(json, limits);
          json.writeEndObject();
        });
  }

  /** Who may call. */
  private String access() {
    return onLoopback ? "open on loopback" : "open";
  }

  /** As a member {@code server}: what the page says of it. */
  void writeServer(JsonGenerator json) {
    json.writeObjectPropertyStart("server");
    json.writeStringProperty("version", services.version());
    json.writeStringProperty("access", access());
    writeHealth(json, reasons());
    json.writeEndObject();
  }

  private Response handlers() {
    return Response.object(
        200,
        json -> {
          json.writeArrayPropertyStart("handlers");
          for (HttpApiServices.Types.Handled each : services.types().handlers()) {
            json.writeStartObject();
            json.writeStringProperty("queue", each.queue());
            json.writeStringProperty("job_type", each.type());
            json.writeStringProperty("handler", each.handler());
            json.writeName("schema");
            json.writeRawValue(each.schema() == null ? "null" : each.schema());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  private Response ready() {
    return health(reasons());
  }

  private List<String> reasons() {
    List<String> reasons = services.health().reasons();
    return inFlight.isDraining() && reasons.isEmpty() ? List.of("draining") : reasons;
  }

  private static Response health(List<String> reasons) {
    return Response.object(reasons.isEmpty() ? 200 : 503, json -> writeHealth(json, reasons));
  }

  private static void writeHealth(JsonGenerator json, List<String> reasons) {
    json.writeStringProperty("status", reasons.isEmpty() ? "ok" : "failing");
    json.writeArrayPropertyStart("reasons");
    reasons.forEach(json::writeString);
    json.writeEndArray();
  }

  /** As the libraries of Prometheus choose: OpenMetrics for whoever names it, at any weight. */
  private Response metrics(Exchange exchange) {
    inFlight.meters().refresh();
    String accept = Headers.list(exchange.headers(), "accept");
    boolean open = Headers.accepts(accept, "application/openmetrics-text");
    String type = open ? OPEN_METRICS : PROMETHEUS;
    return Response.of(200, type, services.scrape().apply(type).getBytes(StandardCharsets.UTF_8));
  }
}
