package dev.afterbay.server;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.HandlerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A kind of handlers that the server does not know: it notes what comes. Found by its service. */
public final class NoteFactory implements HandlerFactory {
  /** What was done to the handlers of this JVM. */
  static final List<String> NOTES = Collections.synchronizedList(new ArrayList<>());

  @Override
  public String name() {
    return "note";
  }

  @Override
  public Configured configure(Section settings, Duration timeout) {
    String prefix = settings.required("prefix", "must be a word", Function.identity());
    Long tries = settings.integer("tries", 1, 3);
    Duration pause = settings.duration("pause");
    Long most = settings.bytes("most");
    Boolean loud = settings.flag("loud");
    String token = settings.secret("token", NoteFactory::token);
    if (token != null && Boolean.TRUE.equals(loud)) {
      throw new BrokerException.Rejected("token", "contradicts loud");
    }
    Section to = settings.section("to");
    String host = to.value("host", "nowhere", Function.identity());
    if (Boolean.TRUE.equals(loud) && tries != null) {
      throw new IllegalArgumentException("loud contradicts tries");
    }
    String settled = String.join(" ", prefix, "" + tries, "" + pause, "" + most, host);
    return new Configured() {
      @Override
      public Handler open(Queue queue) {
        return NoteFactory.open(queue, settled, host);
      }

      @Override
      public Optional<String> refusal() {
        return host.equals("unset") ? Optional.of("note.to.host is not set") : Optional.empty();
      }
    };
  }

  private static Handler open(Queue queue, String settled, String host) {
    if (host.equals("gone")) {
      throw new BrokerException.Rejected("to.host", "must be there");
    }
    NOTES.add("opened for " + queue.name() + ": " + settled);
    return new Noting();
  }

  private static String token(String text) {
    if (!text.startsWith("t-")) {
      throw new IllegalArgumentException("must begin with t-");
    }
    return text;
  }

  private record Noting() implements Handler, AutoCloseable {
    @Override
    public Outcome handle(Delivery delivery) {
      NOTES.add(delivery.message().text());
      return Outcome.done();
    }

    @Override
    public void close() {
      NOTES.add("closed");
    }
  }
}
