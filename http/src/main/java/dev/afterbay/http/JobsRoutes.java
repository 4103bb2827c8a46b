package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.Limits;
import dev.afterbay.SendResult;
import dev.afterbay.Status;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.JobWire;
import dev.afterbay.client.wire.JobWire.View;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.MessageWire;
import dev.afterbay.client.wire.NotesWire;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.Times;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The section Jobs of http-api.md. */
final class JobsRoutes {

  private static final Logger LOG = System.getLogger(JobsRoutes.class.getName());

  /** What a JSON body may have around its payload or body. */
  static final int ENVELOPE_BYTES_MAX = 512 << 10;

  private static final int LIST_DEFAULT = 50;
  private static final int REDRIVE_MAX = 1_000;

  private final HttpApiServices services;
  private final SteadyClock clock;
  private final Sends sends;
  private final Jobs jobs;
  private final Limits limits;

  JobsRoutes(HttpApiServices services, SteadyClock clock, Limits limits) {
    this.services = services;
    this.clock = clock;
    this.sends = new Sends(services);
    this.jobs = services.broker().jobs().orElseThrow();
    this.limits = limits;
  }

  List<Route> routes() {
    return List.of(
        Route.post("/jobs", Scope.SEND, this::submit)
            .body(limits.bodyBytesMax() + ENVELOPE_BYTES_MAX),
        Route.get("/jobs", Scope.READ, this::list)
            .query(
                "status",
                "queue",
                "type",
                "session",
                "created_after",
                "limit",
                "cursor",
                "include"),
        Route.get("/jobs/{id}", Scope.READ, this::show).query("include"),
        Route.get("/jobs/{id}/notes", Scope.READ, this::notes),
        Route.delete("/jobs/{id}", Scope.MANAGE, this::delete),
        Route.post("/jobs/{id}/cancel", Scope.MANAGE, e -> change(e, jobs::cancel))
            .query("include"),
        Route.post("/jobs/{id}/redrive", Scope.REVIVE, e -> change(e, jobs::redrive))
            .query("include"),
        Route.post("/jobs/{id}/run-now", Scope.REVIVE, e -> change(e, jobs::runNow))
            .query("include"),
        Route.post("/jobs/{id}/reschedule", Scope.REVIVE, this::reschedule).query("include"),
        Route.post("/jobs/redrive", Scope.REVIVE, this::redriveEach),
        Route.post("/jobs/batch", Scope.SEND, this::submitBatch)
            .readingOwnHeaders()
            .body(NdjsonLines.requestBytesMax(limits)));
  }

  private Response submit(Exchange exchange) throws InterruptedException {
    byte[] body = exchange.text();
    String key = Headers.only(exchange.headers(), "idempotency-key");
    Broker.Addressed job = MessageWire.readJob(body, 0, body.length, key, limits);
    requireTaken(services, job);
    ResponseBudget room = exchange.room(limits);
    room.takeOne(body.length);
    SendResult sent = sends.send(job.queue(), List.of(job.message())).getFirst();
    return stored(room, sent).header("Location", "/jobs/" + sent.id());
  }

  /**
   * Shows a job that is stored: what fails now must not say that it is not. A read would bring the
   * tables of the store up to date first, so only the first job of a known key is read.
   */
  private Response stored(ResponseBudget room, SendResult sent) {
    int status = sent.known() ? 200 : 201;
    Optional<Response> shown = Optional.empty();
    try {
      if (sent.known()) {
        room.takeNoted(); // The first one may be much larger.
      }
      Optional<Job> job = Optional.ofNullable(sent.job()).or(() -> jobs.find(sent.id()));
      shown = job.map(found -> one(status, found, sent.known() ? View.KNOWN : View.FULL));
    } catch (BrokerException | Problem.Failure e) {
      LOG.log(Level.DEBUG, "job " + sent.id() + " is stored but cannot be shown", e);
    } catch (InterruptedException e) {
      LOG.log(
          Level.DEBUG,
          "the server stops before job " + sent.id() + ", which is stored, is shown",
          e);
    }
    return shown.orElseGet(() -> id(sent));
  }

  private Response submitBatch(Exchange exchange) {
    Headers.requireNoneOfOneMessage(exchange.headers());
    byte[] body = exchange.text();
    List<Broker.Addressed> all = new ArrayList<>();
    NdjsonLines.each(
        body,
        limits,
        (from, length) -> {
          Broker.Addressed job = MessageWire.readJob(body, from, length, null, limits);
          requireTaken(services, job);
          all.add(job);
        });
    return ids(sends.send(all));
  }

  /** Where types are validated, only those that have a handler are taken in. */
  static void requireTaken(HttpApiServices services, Broker.Addressed job) {
    String type = job.message().type();
    if (!services.types().knows(job.queue(), type)) {
      throw new Problem.Failure(
          new Problem(
              Problem.Type.UNKNOWN_TYPE, "no handler knows the type " + type, "job_type", null));
    }
    HttpApiServices.Types.Refusal refusal = services.types().refusal(job.queue(), job.message());
    if (refusal != null) {
      throw new Problem.Failure(
          refusal.pointer() == null
              ? new Problem(Problem.Type.UNSUPPORTED, refusal.detail(), "job_type", null)
              : new Problem(
                  Problem.Type.INVALID_PAYLOAD,
                  refusal.detail(),
                  "/payload" + refusal.pointer(),
                  null));
    }
  }

  /** The answer to a batch; {@code known} has the places of those that were not stored again. */
  static Response ids(List<SendResult> sent) {
    return Response.object(
        201,
        json -> {
          json.writeArrayPropertyStart("ids");
          sent.forEach(each -> json.writeString(each.id().toString()));
          json.writeEndArray();
          if (sent.stream().anyMatch(SendResult::known)) {
            json.writeArrayPropertyStart("known");
            for (int i = 0; i < sent.size(); i++) {
              if (sent.get(i).known()) {
                json.writeNumber(i);
              }
            }
            json.writeEndArray();
          }
        });
  }

  /** The answer to one message; 200 is for one that was stored before (vocabulary.md). */
  static Response id(SendResult sent) {
    return Response.object(
        sent.known() ? 200 : 201,
        json -> {
          json.writeStringProperty("id", sent.id().toString());
          if (sent.known()) {
            json.writeBooleanProperty("known", true);
          }
        });
  }

  private Response list(Exchange exchange) throws InterruptedException {
    Query query = exchange.query();
    View view = view(query, View.PLAIN);
    String created = query.text("created_after");
    Jobs.JobQuery wanted =
        Jobs.JobQuery.ALL
            .queue(query.text("queue"))
            .status(status(query.text("status")))
            .type(query.text("type"))
            .session(query.text("session"))
            .createdAfter(created == null ? null : Times.parse("created_after", created))
            .bodies(view.payload() || view.history());
    int max = query.integer("limit", LIST_DEFAULT, 1, Jobs.PAGE_MAX);
    ResponseBudget room = exchange.room(limits);
    long bytesMax = room.takePage(max, wanted.bodies());
    Jobs.JobPage page = jobs.list(wanted, query.text("cursor"), max, bytesMax);
    room.keep(page.jobs());
    return Response.object(
        200,
        json -> {
          JobWriter writer = writer(view);
          json.writeArrayPropertyStart("jobs");
          page.jobs().forEach(job -> writer.write(json, job, JobNotes.NONE));
          json.writeEndArray();
          JobWire.writeNullable(json, "next_cursor", page.next());
        });
  }

  static Status.@Nullable Kind status(@Nullable String word) {
    if (word == null) {
      return null;
    }
    Status.Kind kind = JobWire.kind(word);
    if (kind == null) {
      throw new Rejected(
          "status", "status must be pending, processing, done, failed or cancelled: " + word);
    }
    return kind;
  }

  /** What {@code ?include=} asks for besides what is shown anyway. */
  private static View view(Query query, View standard) {
    String include = query.text("include");
    if (include == null) {
      return standard;
    }
    List<String> parts = List.of(include.split(",", -1));
    for (String part : parts) {
      if (!Set.of("payload", "history", "detail").contains(part)) {
        throw new Rejected("include", "include may have payload, history and detail: " + part);
      }
    }
    return new View(
        standard.payload() || parts.contains("payload"),
        standard.history() || parts.contains("history"),
        parts.contains("detail"));
  }

  private Response show(Exchange exchange) throws InterruptedException {
    JobId id = id(exchange);
    View view = view(exchange.query(), View.FULL);
    exchange.room(limits).takeNoted();
    return jobs.find(id)
        .map(job -> one(200, job, view))
        .orElseThrow(() -> new BrokerException.JobNotFound(id));
  }

  private Response notes(Exchange exchange) throws InterruptedException {
    JobId id = id(exchange);
    exchange.room(limits).takeNoted();
    if (jobs.find(id).isEmpty()) {
      throw new BrokerException.JobNotFound(id);
    }
    JobNotes notes = jobs.notes(id);
    return Response.object(200, json -> NotesWire.write(json, notes));
  }

  private Response delete(Exchange exchange) {
    NdjsonLines.requireNoFields(exchange.text());
    jobs.delete(id(exchange));
    return Response.empty(204);
  }

  private Response change(Exchange exchange, Function<JobId, Job> change)
      throws InterruptedException {
    NdjsonLines.requireNoFields(exchange.text());
    View view = view(exchange.query(), View.FULL);
    exchange.room(limits).takeNoted();
    Job changed = change.apply(id(exchange));
    return Response.afterChange(() -> one(200, changed, view));
  }

  private Response reschedule(Exchange exchange) throws InterruptedException {
    byte[] body = exchange.text();
    @Nullable Instant[] due = new @Nullable Instant[1];
    try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
      json.root(name -> {
        boolean known = name.equals("run_at");
        due[0] = known ? json.time(name) : due[0];
        return known;
      });
      Instant given = json.required("run_at", due[0]);
      View view = view(exchange.query(), View.FULL);
      exchange.room(limits).takeNoted();
      Job changed = jobs.reschedule(id(exchange), given);
      return Response.afterChange(() -> one(200, changed, view));
    }
  }

  private Response redriveEach(Exchange exchange) {
    byte[] body = exchange.text();
    List<JobId> ids = new ArrayList<>();
    boolean[] given = {false};
    try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
      json.root(name -> {
        if (!name.equals("ids")) {
          return false;
        }
        given[0] =
            json.array(
                name,
                REDRIVE_MAX,
                () -> ids.add(JobId.parse(json.required(name, json.text(name)))));
        return true;
      });
    }
    DeliveryWire.given(given[0], "ids", ids);
    return Response.json(200, DeliveryWire.writeResults(ids, jobs.redrive(ids)));
  }

  static JobId id(Exchange exchange) {
    return JobId.parse(exchange.parameter(0));
  }

  private JobWriter writer(View view) {
    return new JobWriter(services, clock.get(), view);
  }

  private Response one(int status, Job job, View view) {
    // Not in a list, whose bytes are those of its jobs.
    boolean shown = view.payload() && job.state().noted();
    JobNotes notes = shown ? jobs.notes(job.id()) : JobNotes.NONE;
    return Response.object(status, Json.writeParts(json -> writer(view).write(json, job, notes)));
  }

  /** Writes a job with its attempts, but without its payload and what they told. */
  void writeBare(JsonGenerator json, Job job) {
    json.writeName("job");
    writer(new View(false, true, false)).write(json, job, JobNotes.NONE);
  }
}
