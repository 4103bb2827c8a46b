package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Event;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.PlainText;
import dev.afterbay.Watch;
import dev.afterbay.client.wire.EventWire;
import dev.afterbay.client.wire.Problem;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The section Live of http-api.md: one virtual thread for each event stream. */
final class EventsRoutes {

  private static final Logger LOG = System.getLogger(EventsRoutes.class.getName());
  private static final int EVENTS_AT_ONCE_MAX = 500;

  private final Jobs jobs;
  private final InFlightRequests inFlight;

  EventsRoutes(HttpApiServices services, InFlightRequests inFlight) {
    this.jobs = services.broker().jobs().orElseThrow();
    this.inFlight = inFlight;
    inFlight.meters().watchStreams(inFlight::streams);
  }

  List<Route> routes() {
    return List.of(Route.get("/events", Scope.READ, this::stream).query("queue", "job", "types"));
  }

  private Response stream(Exchange exchange) {
    Watch.Filter filter = filter(exchange.query());
    if (exchange.isHead()) {
      return Response.headOfStream(EventStream.CONTENT_TYPE);
    }
    if (!inFlight.streamBegun()) {
      return Response.of(Problem.unavailable("there are too many event streams: retry later"));
    }
    Stream stream = new Stream(exchange, filter);
    try {
      exchange.whileConnected(null, stream);
    } finally {
      inFlight.streamEnded();
    }
    return stream.begun
        ? Response.STREAMED
        : Response.of(Problem.unavailable("the server is stopping: retry later"));
  }

  /** One client that watches. */
  private final class Stream implements Callable<Boolean> {
    private final Watch.Filter filter;
    private final @Nullable String after;
    private final EventStream out;
    private boolean begun;
    private String from = "";
    private List<Event> first = List.of();

    Stream(Exchange exchange, Watch.Filter filter) {
      this.filter = filter;
      this.after = Headers.only(exchange.headers(), "last-event-id");
      this.out = new EventStream(exchange, inFlight.patience().body(), exchange.budget());
    }

    @Override
    public Boolean call() throws InterruptedException {
      Watch resumed = after == null || after.isEmpty() ? null : open(after);
      boolean missed = after != null && !after.isEmpty() && resumed == null;
      try (Watch watch = resumed != null ? resumed : jobs.watch(filter, null)) {
        out.begin(EventStream.CONTENT_TYPE);
        begun = true;
        if (resumed == null) {
          from = watch.position();
        }
        if (write(missed ? EventWire.reset(from) : EventWire.comment(from))) {
          copy(watch);
        } else {
          cutOff();
        }
      } catch (Watch.Reset _) {
        cutOff();
      }
      return true;
    }

    /** Null: the place is too old, or none of ours. */
    private @Nullable Watch open(String position) throws InterruptedException {
      Watch watch = null;
      try {
        watch = jobs.watch(filter, position);
        from = watch.position(); // Not yet behind what follows, which may never arrive.
        first = watch.next(EVENTS_AT_ONCE_MAX, Duration.ZERO);
        return watch;
      } catch (Rejected | Watch.Reset e) {
        LOG.log(Level.DEBUG, "an event stream cannot go on after " + position, e);
        if (watch != null) {
          watch.close();
        }
        return null;
      }
    }

    /** It was too slow, and connects again. */
    private void cutOff() {
      inFlight.meters().streamCutOff();
      try (Watch now = jobs.watch(null)) {
        out.writeLast(bytes(EventWire.reset(now.position())));
      }
    }

    private void copy(Watch watch) throws InterruptedException {
      Duration pause = inFlight.patience().comment();
      long quietUntil = Deadlines.after(pause);
      boolean reads = write(blocks(first));
      while (reads) {
        long left = Math.max(1, quietUntil - Deadlines.now());
        String text = blocks(watch.next(EVENTS_AT_ONCE_MAX, Duration.ofMillis(left)));
        if (text.isEmpty() && Deadlines.now() >= quietUntil) {
          text = EventWire.comment(watch.position());
        }
        if (!text.isEmpty()) {
          reads = write(text);
          quietUntil = Deadlines.after(pause);
        }
      }
      cutOff();
    }

    private static String blocks(List<Event> events) {
      StringBuilder text = new StringBuilder();
      events.forEach(event -> text.append(EventWire.block(event)));
      return text.toString();
    }

    private boolean write(String text) throws InterruptedException {
      return out.write(bytes(text));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Watch.Filter filter(Query query) {
    String words = query.text("types");
    String job = query.text("job");
    return new Watch.Filter(
        query.text("queue"),
        job == null ? null : JobId.parse(job),
        words == null ? null : types(words));
  }

  private static Set<Event.Type> types(String words) {
    Set<Event.Type> types = EnumSet.noneOf(Event.Type.class);
    for (String word : words.split(",", -1)) {
      Event.Type type = EventWire.type(word);
      if (type == null) {
        throw new Rejected(
            "types",
            "types must be of the words "
                + Arrays.stream(Event.Type.values())
                    .map(Event.Type::word)
                    .collect(Collectors.joining(", "))
                + ", not "
                + PlainText.line(word, 40));
      }
      types.add(type);
    }
    return types;
  }
}
