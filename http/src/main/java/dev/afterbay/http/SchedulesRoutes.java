package dev.afterbay.http;

import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Schedule;
import dev.afterbay.client.wire.JobWire;
import dev.afterbay.client.wire.ScheduleWire;
import java.util.List;
import java.util.function.Function;

/** The section Schedules of http-api.md. */
final class SchedulesRoutes {

  private final HttpApiServices services;
  private final Schedules schedules;
  private final Limits limits;

  SchedulesRoutes(HttpApiServices services, Schedules schedules, Limits limits) {
    this.services = services;
    this.schedules = schedules;
    this.limits = limits;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/schedules", Scope.READ, this::list).query("after", "limit"),
        Route.put("/schedules/{schedule}", Scope.MANAGE, this::put)
            .body(2 * Schedules.BODY_BYTES_MAX + JobsRoutes.ENVELOPE_BYTES_MAX),
        Route.get("/schedules/{schedule}", Scope.READ, this::show),
        Route.delete("/schedules/{schedule}", Scope.MANAGE, this::delete),
        Route.post("/schedules/{schedule}/pause", Scope.MANAGE, e -> change(e, schedules::pause)),
        Route.post("/schedules/{schedule}/resume", Scope.MANAGE, e -> change(e, schedules::resume)),
        Route.post("/schedules/{schedule}/run-now", Scope.REVIVE, this::runNow));
  }

  private Response list(Exchange exchange) throws InterruptedException {
    int max = exchange.query().integer("limit", Schedules.PAGE_MAX, 1, Schedules.PAGE_MAX);
    String after = exchange.query().text("after");
    exchange.room(limits).takePage(max, true);
    List<Schedule> page =
        schedules.list(after == null ? null : Message.requireName("after", after), max);
    String last = page.isEmpty() ? null : page.getLast().name();
    boolean more = last != null && !schedules.list(last, 1).isEmpty();
    return Response.object(
        200,
        json -> {
          JobWire.writeNullable(json, "next", more ? last : null);
          json.writeArrayPropertyStart("schedules");
          for (Schedule schedule : page) {
            json.writeStartObject();
            ScheduleWire.write(json, schedule);
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  private Response put(Exchange exchange) throws InterruptedException {
    Definition definition = ScheduleWire.readDefinition(exchange.text(), limits);
    JobsRoutes.requireTaken(services, definition.job());
    exchange.room(limits).takeOne();
    Schedules.Put put = schedules.put(exchange.parameter(0), definition);
    return Response.afterChange(() -> shown(put.created() ? 201 : 200, put.schedule()));
  }

  private Response show(Exchange exchange) throws InterruptedException {
    exchange.room(limits).takeOne();
    String name = exchange.parameter(0);
    return schedules
        .find(name)
        .map(schedule -> shown(200, schedule))
        .orElseThrow(() -> new BrokerException.ScheduleNotFound(name));
  }

  private Response delete(Exchange exchange) {
    NdjsonLines.requireNoFields(exchange.text());
    String name = exchange.parameter(0);
    if (!schedules.delete(name)) {
      throw new BrokerException.ScheduleNotFound(name);
    }
    return Response.empty(204);
  }

  private Response change(Exchange exchange, Function<String, Schedule> change)
      throws InterruptedException {
    NdjsonLines.requireNoFields(exchange.text());
    exchange.room(limits).takeOne();
    Schedule changed = change.apply(exchange.parameter(0));
    return Response.afterChange(() -> shown(200, changed));
  }

  private Response runNow(Exchange exchange) throws InterruptedException {
    NdjsonLines.requireNoFields(exchange.text());
    exchange.room(limits).takeOne();
    String name = exchange.parameter(0);
    JobId job = schedules.runNow(name);
    return Response.afterChange(() -> ran(name, job));
  }

  /** The schedule, which may be gone by now, and the job that it sent. */
  private Response ran(String name, JobId job) {
    return Response.object(
        200,
        json -> {
          schedules.find(name).ifPresent(schedule -> ScheduleWire.write(json, schedule));
          json.writeStringProperty("job_id", job.toString());
        });
  }

  private static Response shown(int status, Schedule schedule) {
    return Response.object(status, json -> ScheduleWire.write(json, schedule));
  }
}
