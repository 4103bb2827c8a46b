package dev.afterbay.client;

import static dev.afterbay.client.HttpTransport.Call.get;
import static dev.afterbay.client.HttpTransport.Call.post;

import dev.afterbay.BrokerException;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.Status;
import dev.afterbay.client.wire.JobWire;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.MessageWire;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.QueueWire;
import tools.jackson.core.JsonGenerator;

/** Asks a server elsewhere for what an administrator does with a queue. */
final class HttpQueueAdmin implements QueueAdmin {

  private static final byte[] NO_FIELDS = {'{', '}'};

  private final HttpTransport link;
  private final String path;
  private final Problem.Subject subject;

  HttpQueueAdmin(HttpTransport link, String name) {
    this.link = link;
    this.path = "/queues/" + name;
    this.subject = Problem.Subject.of(name);
  }

  @Override
  public boolean exists() {
    return link.find(get(path), subject) != null;
  }

  @Override
  public QueueSettings settings() {
    return link.call(get(path + "/settings"), subject).read(QueueWire::readShown).settings();
  }

  @Override
  public void configure(QueueSettings settings) {
    byte[] body = HttpQueue.object(json -> QueueWire.writeSettings(json, settings));
    link.call(new HttpTransport.Call("PUT", path, body, HttpTransport.Effect.CHANGES), subject);
  }

  @Override
  public QueueState state() {
    HttpTransport.Reply reply = link.find(get(path), subject);
    return reply == null ? QueueState.ACTIVE : reply.read(QueueWire::readShown).state();
  }

  @Override
  public void pause(String reason) {
    link.call(post(path + "/pause", reason(reason)), subject);
  }

  @Override
  public void drain(String reason) {
    link.call(post(path + "/drain", reason(reason)), subject);
  }

  private static byte[] reason(String reason) {
    return HttpQueue.object(json -> json.writeStringProperty("reason", reason));
  }

  @Override
  public void resume() {
    link.call(post(path + "/resume", NO_FIELDS), subject);
  }

  @Override
  public long purge(Status.Kind kind) {
    if (kind == Status.Kind.WAITING || kind == Status.Kind.GONE) {
      throw new BrokerException.Rejected("status", "jobs that are " + kind + " cannot be purged");
    }
    String at = path + "/purge?status=" + JobWire.word(kind);
    return link.call(post(at, NO_FIELDS), subject).read(bytes -> readLong(bytes, "affected"));
  }

  private static long readLong(byte[] bytes, String field) {
    long[] found = {0};
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> {
        boolean wanted = name.equals(field);
        if (wanted) {
          found[0] = json.required(name, json.integer(name, 0, Long.MAX_VALUE));
        }
        return wanted;
      });
    }
    return found[0];
  }

  @Override
  public void delete(boolean force) {
    String at = path + "?force=" + force;
    link.call(new HttpTransport.Call("DELETE", at, null, HttpTransport.Effect.CHANGES), subject);
  }

  @Override
  public Redrive.Result redrive(Redrive redrive) {
    byte[] body = HttpQueue.object(json -> writeRedrive(json, redrive));
    return link.call(post(path + "/redrive", body), subject).read(HttpQueueAdmin::readRedriven);
  }

  private static void writeRedrive(JsonGenerator json, Redrive redrive) {
    MessageWire.writeText(json, "type", redrive.type());
    MessageWire.writeText(json, "error_contains", redrive.errorContains());
    if (redrive.limit() != null) {
      json.writeNumberProperty("limit", redrive.limit());
    }
    if (redrive.perSecond() != null) {
      json.writeNumberProperty("rate_per_s", redrive.perSecond());
    }
    json.writeBooleanProperty("dry_run", redrive.dryRun());
  }

  private static Redrive.Result readRedriven(byte[] bytes) {
    String[] id = {""};
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> {
        boolean wanted = name.equals("redrive_id");
        if (wanted) {
          id[0] = json.required(name, json.text(name));
        }
        return wanted;
      });
    }
    return new Redrive.Result(readLong(bytes, "matched"), id[0]);
  }
}
