package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.MessageWire;
import dev.afterbay.client.wire.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A session that is held at a server elsewhere. */
final class HttpSession extends HttpReceiver implements Session {

  private final String name;
  private final Session.Token token;
  private volatile Instant heldUntil;

  HttpSession(HttpQueue queue, ReceiveOptions receiving, Shown shown) {
    super(queue, receiving, shown.token());
    this.name = shown.session();
    this.token = new Session.Token(shown.token());
    this.heldUntil = shown.heldUntil();
  }

  /** A session as a server shows it. */
  record Shown(String session, String token, Instant heldUntil) {

    static Shown read(byte[] bytes) {
      Fields fields = new Fields();
      try (JsonReader json = JsonReader.lenient(bytes)) {
        json.root(field -> fields.take(json, field));
        return new Shown(
            json.required("session", fields.session),
            json.required("token", fields.token),
            json.required("held_until", fields.heldUntil));
      }
    }
  }

  private static final class Fields {
    private @Nullable String session;
    private @Nullable String token;
    private @Nullable Instant heldUntil;

    boolean take(JsonReader json, String field) {
      switch (field) {
        case "session" -> session = json.text(field);
        case "token" -> token = json.text(field);
        case "held_until" -> heldUntil = json.time(field);
        default -> {
          return false;
        }
      }
      return true;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Session.Token token() {
    return token;
  }

  @Override
  public Instant heldUntil() {
    return heldUntil;
  }

  @Override
  String subject() {
    return name;
  }

  @Override
  public void renew(@Nullable Duration lease) {
    Duration wanted = lease == null ? receiving.lease() : lease;
    byte[] body = HttpQueue.object(json -> MessageWire.writeDuration(json, "lease", wanted));
    Duration within = queue.broker().link().patience().answer();
    heldUntil = call("renew", body, within).read(Shown::read).heldUntil();
  }

  @Override
  public Optional<byte[]> state() {
    HttpTransport.Call call =
        new HttpTransport.Call(
            "GET", path("state"), null, HttpTransport.Effect.NONE, HttpTransport.Answer.BYTES);
    HttpTransport.Reply reply = queue.broker().link().call(call, Problem.Subject.of(name));
    return reply.status() == 204 ? Optional.empty() : Optional.of(reply.body());
  }

  @Override
  public void state(byte @Nullable [] state) {
    HttpTransport.Call call =
        state == null
            ? new HttpTransport.Call("DELETE", path("state"), null, HttpTransport.Effect.CHANGES)
            : new HttpTransport.Call("PUT", path("state"), state, HttpTransport.Effect.CHANGES);
    queue.broker().link().call(call, Problem.Subject.of(name));
  }

  /** What was not settled goes back to its old place before the next consumer reads. */
  @Override
  void end() {
    try {
      super.end();
    } finally {
      try {
        call("close", new byte[0], queue.broker().link().patience().close());
      } catch (BrokerException.SessionLost _) {
        // Then somebody else may have it, which is what a close is for.
      }
    }
  }

  private HttpTransport.Reply call(String what, byte[] body, Duration within) {
    return queue
        .broker()
        .link()
        .call(HttpTransport.Call.post(path(what), body), Problem.Subject.of(name), within);
  }

  private String path(String what) {
    return queue.path() + "/sessions/" + HttpTransport.encode(token.value()) + "/" + what;
  }
}
