package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.ScheduleWire;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The schedules of a server elsewhere. */
final class HttpSchedules implements Schedules {

  private static final byte[] NO_FIELDS = {'{', '}'};

  private final HttpTransport link;

  HttpSchedules(HttpTransport link) {
    this.link = link;
  }

  @Override
  public Put put(String name, Definition definition) {
    byte[] body = HttpQueue.object(json -> ScheduleWire.writeDefinition(json, definition));
    HttpTransport.Call call =
        new HttpTransport.Call("PUT", path(name), body, HttpTransport.Effect.CHANGES);
    HttpTransport.Reply reply = link.call(call, Problem.Subject.of(name));
    return new Put(reply.read(ScheduleWire::readShown).schedule(), reply.status() == 201);
  }

  @Override
  public Optional<Schedule> find(String name) {
    HttpTransport.Reply reply =
        link.find(HttpTransport.Call.get(path(name)), Problem.Subject.of(name));
    return Optional.ofNullable(reply).map(it -> it.read(ScheduleWire::readShown).schedule());
  }

  @Override
  public List<Schedule> list(@Nullable String after, int max) {
    String from = after == null ? "" : "&after=" + Message.requireName("after", after);
    HttpTransport.Call call =
        HttpTransport.Call.get("/schedules?limit=" + max + from).bringingMessages();
    return link.call(call, Problem.Subject.of("schedules"))
        .read(bytes -> ScheduleWire.readList(bytes, PAGE_MAX));
  }

  @Override
  public boolean delete(String name) {
    HttpTransport.Call call =
        new HttpTransport.Call("DELETE", path(name), null, HttpTransport.Effect.CHANGES);
    return link.find(call, Problem.Subject.of(name)) != null;
  }

  @Override
  public Schedule pause(String name) {
    return change(name, "/pause").schedule();
  }

  @Override
  public Schedule resume(String name) {
    return change(name, "/resume").schedule();
  }

  @Override
  public JobId runNow(String name) {
    JobId job = change(name, "/run-now").jobId();
    if (job == null) {
      throw new BrokerException.OutcomeUnknown(
          "the server does not say which job it has sent", new IllegalStateException("no job_id"));
    }
    return job;
  }

  private ScheduleWire.Shown change(String name, String what) {
    HttpTransport.Call call = HttpTransport.Call.post(path(name) + what, NO_FIELDS);
    HttpTransport.Reply reply = link.find(call, Problem.Subject.of(name));
    if (reply == null) {
      throw new BrokerException.ScheduleNotFound(name);
    }
    return reply.read(ScheduleWire::readShown);
  }

  private static String path(String name) {
    return "/schedules/" + Message.requireName("name", name);
  }
}
