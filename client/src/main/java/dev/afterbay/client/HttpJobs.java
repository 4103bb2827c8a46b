package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.Moment;
import dev.afterbay.Watch;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.ExportedJob;
import dev.afterbay.client.wire.JobDetail;
import dev.afterbay.client.wire.JobWire;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.NotesWire;
import dev.afterbay.client.wire.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The record of the jobs of a server elsewhere. */
final class HttpJobs implements Jobs {

  private static final String FULL = "?include=payload,history,detail";
  private static final byte[] NO_FIELDS = {'{', '}'};

  private final HttpTransport link;

  HttpJobs(HttpTransport link) {
    this.link = link;
  }

  @Override
  public Optional<Job> find(JobId id) {
    HttpTransport.Reply reply =
        link.find(
            HttpTransport.Call.get(path(id) + FULL).bringingMessages(), Problem.Subject.of(id));
    return reply == null ? Optional.empty() : Optional.of(reply.read(HttpJobs::readJob));
  }

  @Override
  public JobNotes notes(JobId id) {
    HttpTransport.Reply reply =
        link.find(HttpTransport.Call.get(path(id) + "/notes"), Problem.Subject.of(id));
    return reply == null ? JobNotes.NONE : reply.read(NotesWire::read);
  }

  @Override
  public JobPage list(JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    StringBuilder path =
        new StringBuilder("/jobs").append(query.bodies() ? FULL : "?include=detail");
    path.append("&limit=").append(max);
    append(path, "queue", query.queue());
    append(path, "status", query.status() == null ? null : JobWire.word(query.status()));
    append(path, "type", query.type());
    append(path, "session", query.session());
    Instant created = query.createdAfter();
    append(path, "created_after", created == null ? null : created.toString());
    append(path, "cursor", cursor);
    return link.call(
            HttpTransport.Call.get(path.toString()).bringingMessages(), Problem.Subject.of("jobs"))
        .read(HttpJobs::readPage);
  }

  private static void append(StringBuilder path, String name, @Nullable String value) {
    if (value != null) {
      path.append('&').append(name).append('=').append(HttpTransport.encode(value));
    }
  }

  private static Job readJob(byte[] bytes) {
    JobDetail fields = new JobDetail();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> fields.take(json, name));
      return fields.job(json, null);
    }
  }

  private static JobPage readPage(byte[] bytes) {
    List<Job> jobs = new ArrayList<>();
    @Nullable String[] next = new @Nullable String[1];
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> {
        switch (name) {
          case "jobs" -> json.array(name, PAGE_MAX, () -> jobs.add(readOne(json, name)));
          case "next_cursor" -> next[0] = json.text(name);
          default -> {
            return false;
          }
        }
        return true;
      });
    }
    return new JobPage(jobs, next[0]);
  }

  private static Job readOne(JsonReader json, String field) {
    JobDetail fields = new JobDetail();
    json.object(field, name -> fields.take(json, name));
    return fields.job(json, null);
  }

  @Override
  public Job cancel(JobId id) {
    return change(id, "/cancel", NO_FIELDS);
  }

  @Override
  public Job redrive(JobId id) {
    return change(id, "/redrive", NO_FIELDS);
  }

  @Override
  public List<Optional<BrokerException>> redrive(List<JobId> ids) {
    return HttpQueue.inPages(ids, this::redrivePage, Optional::of);
  }

  private List<Optional<BrokerException>> redrivePage(List<JobId> ids) {
    byte[] body =
        HttpQueue.object(json -> {
          json.writeArrayPropertyStart("ids");
          ids.forEach(id -> json.writeString(id.toString()));
          json.writeEndArray();
        });
    List<DeliveryWire.Result> said =
        link.call(HttpTransport.Call.post("/jobs/redrive", body), Problem.Subject.of("jobs"))
            .read(bytes -> DeliveryWire.readResults(bytes, ids.size()));
    List<Optional<BrokerException>> results = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      results.add(HttpQueue.exception(said.get(i), "id", Problem.Subject.of(ids.get(i))));
    }
    return results;
  }

  @Override
  public Job runNow(JobId id) {
    return change(id, "/run-now", NO_FIELDS);
  }

  @Override
  public Job reschedule(JobId id, Instant due) {
    byte[] body = HttpQueue.object(json -> json.writeStringProperty("run_at", due.toString()));
    return change(id, "/reschedule", body);
  }

  private Job change(JobId id, String what, byte[] body) {
    HttpTransport.Call call =
        HttpTransport.Call.post(path(id) + what + FULL, body).bringingMessages();
    return link.call(call, Problem.Subject.of(id)).read(HttpJobs::readJob);
  }

  @Override
  public void delete(JobId id) {
    HttpTransport.Call call =
        new HttpTransport.Call("DELETE", path(id), null, HttpTransport.Effect.CHANGES);
    link.call(call, Problem.Subject.of(id));
  }

  private static String path(JobId id) {
    return "/jobs/" + id;
  }

  @Override
  public int restore(List<Job> jobs) {
    if (jobs.isEmpty()) {
      return 0;
    }
    Moment now = new Moment(Instant.now(), 0);
    byte[] lines = Json.writeLines(jobs, (json, job) -> ExportedJob.write(json, job, now));
    HttpTransport.Call call = HttpTransport.Call.post("/jobs/import?all_or_none=true", lines);
    return link.call(call, Problem.Subject.of("jobs")).read(HttpJobs::readImported);
  }

  private static int readImported(byte[] bytes) {
    @Nullable Long[] imported = new @Nullable Long[1];
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> {
        boolean wanted = name.equals("imported");
        imported[0] = wanted ? json.integer(name, 0, Integer.MAX_VALUE) : imported[0];
        return wanted;
      });
      return json.required("imported", imported[0]).intValue();
    }
  }

  @Override
  public Watch watch(Watch.Filter filter, @Nullable String after) {
    return HttpWatch.open(link, filter, after);
  }
}
