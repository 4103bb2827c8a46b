package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.Lease;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.PlainText;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Schedule;
import dev.afterbay.Status;
import dev.afterbay.client.wire.JobWire;
import dev.afterbay.client.wire.NotesWire;
import dev.afterbay.client.wire.QueueWire;
import dev.afterbay.client.wire.ScheduleWire;
import dev.afterbay.client.wire.Times;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * What the page for operators shows, in one answer: small, and as quickly made, whatever is stored.
 */
final class OverviewRoutes {

  private static final int JOBS = 25;
  private static final int MESSAGES = 10;
  private static final int QUEUES_DEFAULT = 50;
  private static final int QUEUES_MAX = 200;
  private static final int SCHEDULES = 10;

  /** Of an error, or of why a queue is paused. */
  private static final int WHY_CHARS_MAX = 200;

  private final Broker broker;
  private final Jobs jobs;
  private final @Nullable Schedules schedules;
  private final Limits limits;
  private final JobsRoutes jobsRoutes;
  private final OperationRoutes operation;
  private final QueueSums sums;
  private final BodyPreviews previews = new BodyPreviews();

  OverviewRoutes(
      HttpApiServices services, Limits limits, JobsRoutes jobsRoutes, OperationRoutes operation) {
    this.broker = services.broker();
    this.jobs = broker.jobs().orElseThrow();
    this.schedules = broker.schedules().orElse(null);
    this.limits = limits;
    this.jobsRoutes = jobsRoutes;
    this.operation = operation;
    this.sums = new QueueSums(broker, System::nanoTime);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/overview", Scope.OPERATE, this::overview)
            .query("queue", "status", "after", "limit", "schedules_after"),
        Route.get("/overview/jobs/{id}", Scope.OPERATE, this::job));
  }

  private Response overview(Exchange exchange) throws InterruptedException {
    Query query = exchange.query();
    String queue = name(query, "queue");
    int max = query.integer("limit", QUEUES_DEFAULT, 1, QUEUES_MAX);
    String schedulesAfter = name(query, "schedules_after");
    List<String> names = broker.queues(name(query, "after"), max + 1);
    Jobs.JobQuery wanted =
        Jobs.JobQuery.ALL.queue(queue).status(JobsRoutes.status(query.text("status")));
    QueueSums.Totals totals = sums.look();
    String next = queue == null ? totals.longest() : queue;
    ResponseBudget room = exchange.room(limits);
    List<Row> messages = next == null ? List.of() : messages(next, room);
    Jobs.JobPage page = jobs.list(wanted, null, JOBS, room.takePage(JOBS, false));
    List<JobRow> rows = rows(page.jobs(), room);
    List<Schedule> scheduled =
        schedules == null ? List.of() : schedules.list(schedulesAfter, SCHEDULES + 1);
    return Response.object(
        200,
        json -> {
          operation.writeServer(json);
          writeTotals(json, totals);
          writeQueues(json, names, max);
          writeSchedules(json, scheduled);
          json.writeArrayPropertyStart("jobs");
          rows.forEach(row -> writeJob(json, row));
          json.writeEndArray();
          json.writeBooleanProperty("older_jobs", page.next() != null);
          JobWire.writeNullable(json, "next_of", next);
          json.writeArrayPropertyStart("next_messages");
          messages.forEach(row -> writeMessage(json, row));
          json.writeEndArray();
        });
  }

  /** A job with the beginning of its body. */
  private Response job(Exchange exchange) throws InterruptedException {
    JobId id = JobsRoutes.id(exchange);
    exchange.room(limits).takeNoted();
    Job job = jobs.find(id).orElseThrow(() -> new BrokerException.JobNotFound(id));
    JobNotes notes = job.state().noted() ? jobs.notes(id) : JobNotes.NONE;
    return Response.object(
        200,
        json -> {
          operation.writeServer(json);
          jobsRoutes.writeBare(json, job);
          if (job.status() instanceof Status.Processing(Lease lease)) {
            json.writeObjectPropertyStart("running");
            json.writeStringProperty("consumer", lease.consumer());
            json.writeEndObject();
          }
          json.writeNumberProperty(
              "first_attempt", Math.max(0, job.state().ended() - job.history().size()) + 1);
          json.writeObjectPropertyStart("notes");
          NotesWire.write(json, notes);
          json.writeEndObject();
          json.writeObjectPropertyStart("body");
          ShownBody.write(json, job.message());
          json.writeEndObject();
        });
  }

  private static @Nullable String name(Query query, String field) {
    String name = query.text(field);
    return name == null ? null : Message.requireName(field, name);
  }

  /** A message, or what a job is made of. */
  private record Row(
      JobId id, String type, @Nullable String session, int attempts, BodyPreview body) {

    static Row of(Job job, BodyPreview body) {
      Message message = job.message();
      return new Row(
          job.id(), message.type(), message.options().session(), job.state().attempts(), body);
    }
  }

  /**
   * @param job without its body
   */
  private record JobRow(Job job, Row row) {}

  private List<Row> messages(String queue, ResponseBudget room) throws InterruptedException {
    try {
      List<Job> next = broker.queue(queue).peek(MESSAGES, room.takePage(MESSAGES, true));
      return next.stream().map(job -> Row.of(job, previews.of(job))).toList();
    } catch (BrokerException.QueueNotFound _) {
      return List.of();
    }
  }

  /**
   * @param listed without their bodies, which are read one after the other, and only once
   */
  private List<JobRow> rows(List<Job> listed, ResponseBudget room) throws InterruptedException {
    room.takeOne();
    List<JobRow> rows = new ArrayList<>();
    for (Job job : listed) {
      BodyPreview known = previews.find(job);
      if (known != null) {
        rows.add(new JobRow(job, Row.of(job, known)));
      } else {
        // One that is gone meanwhile is not shown.
        jobs.find(job.id())
            .map(previews::of)
            .ifPresent(made -> rows.add(new JobRow(job, Row.of(job, made))));
      }
    }
    return rows;
  }

  private static void writeTotals(JsonGenerator json, QueueSums.Totals totals) {
    QueueStats stats = totals.stats();
    json.writeObjectPropertyStart("totals");
    json.writeNumberProperty("queues", totals.queues());
    json.writeBooleanProperty("complete", totals.complete());
    QueueWire.writeCounts(json, stats);
    json.writeEndObject();
  }

  private void writeQueues(JsonGenerator json, List<String> names, int max) {
    boolean more = names.size() > max;
    List<String> page = more ? names.subList(0, max) : names;
    JobWire.writeNullable(json, "next", more ? page.getLast() : null);
    json.writeArrayPropertyStart("queues");
    for (String name : page) {
      Queue queue = broker.queue(name);
      QueueState state = admin(queue).state();
      String why = PlainText.line(state.reason(), WHY_CHARS_MAX);
      json.writeStartObject();
      json.writeStringProperty("name", name);
      QueueWire.writeState(json, new QueueState(state.kind(), why), queue.stats());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeSchedules(JsonGenerator json, List<Schedule> some) {
    boolean more = some.size() > SCHEDULES;
    List<Schedule> page = more ? some.subList(0, SCHEDULES) : some;
    JobWire.writeNullable(json, "next_schedules", more ? page.getLast().name() : null);
    json.writeArrayPropertyStart("schedules");
    for (Schedule schedule : page) {
      json.writeStartObject();
      ScheduleWire.writeBrief(json, schedule, WHY_CHARS_MAX);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static QueueAdmin admin(Queue queue) {
    return queue.admin().orElseThrow();
  }

  private void writeJob(JsonGenerator json, JobRow shown) {
    Job job = shown.job();
    Integer own = job.message().options().maxAttempts();
    int max = own != null ? own : admin(broker.queue(job.queue())).settings().maxAttempts();
    String error = job.lastError();
    begin(json, shown.row());
    json.writeStringProperty("queue", job.queue());
    json.writeStringProperty("status", JobWire.word(job.status().kind()));
    if (max == QueueSettings.UNLIMITED) {
      json.writeNullProperty("max_attempts");
    } else {
      json.writeNumberProperty("max_attempts", max);
    }
    json.writeStringProperty("updated_at", Times.format(job.state().changedAt()));
    JobWire.writeNullable(
        json, "last_error", error == null ? null : PlainText.line(error, WHY_CHARS_MAX));
    json.writeEndObject();
  }

  private static void writeMessage(JsonGenerator json, Row row) {
    begin(json, row);
    json.writeEndObject();
  }

  private static void begin(JsonGenerator json, Row row) {
    json.writeStartObject();
    json.writeStringProperty("id", row.id().toString());
    json.writeStringProperty("job_type", row.type());
    JobWire.writeNullable(json, "session", row.session());
    json.writeNumberProperty("attempts", row.attempts());
    row.body().write(json);
  }
}
