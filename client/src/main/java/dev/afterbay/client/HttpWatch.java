package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.Event;
import dev.afterbay.Watch;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.client.wire.EventWire;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Watches a server elsewhere through its event stream. */
final class HttpWatch implements Watch {
  /*
   * One virtual thread reads the stream into a bounded queue. If nobody takes from it, the thread
   * stops reading, the server sees a slow reader and ends the stream with a reset: so nothing is
   * held without bound on either side.
   */

  private static final int AHEAD_MAX = 1_000;

  /** A server that lives says something every 15 s (http-api.md); four times missed, it is gone. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(60);

  private final InputStream in;
  private final BlockingQueue<Block> ahead = new ArrayBlockingQueue<>(AHEAD_MAX);
  private final Thread reader;
  private final Duration silenceMax;
  private volatile long silentAt;
  private volatile boolean closed;
  private String position = "";
  private @Nullable Block last;

  /** What the stream brings. */
  private sealed interface Block {
    /** A place, with an event or without. */
    record At(String position, @Nullable Event event) implements Block {}

    /** Events were missed. */
    record Missed() implements Block {}

    /** The stream is over. */
    record End(String why) implements Block {}
  }

  private HttpWatch(InputStream in, Duration silenceMax) {
    this.in = in;
    this.silenceMax = silenceMax;
    this.silentAt = Deadline.after(silenceMax);
    this.reader = Thread.ofVirtual().name("afterbay-http-watch").unstarted(this::read);
  }

  /** Begins to watch, and waits until the server does. */
  static HttpWatch open(HttpTransport link, Filter filter, @Nullable String after) {
    return open(link, filter, after, SILENCE_MAX);
  }

  static HttpWatch open(
      HttpTransport link, Filter filter, @Nullable String after, Duration silenceMax) {
    HttpWatch watch = new HttpWatch(link.stream("/events" + query(filter), after), silenceMax);
    try {
      watch.reader.start();
      Duration patience = link.patience().answer();
      Block first = watch.ahead.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (first == null) {
        throw new BrokerException.Unavailable(
            "the server sends no events: nothing within " + Durations.format(patience));
      }
      watch.take(first, new ArrayList<>());
      return watch;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      watch.close();
      throw new BrokerException.Unavailable("interrupted before the first event", e);
    } catch (RuntimeException | Error e) {
      watch.close();
      throw e;
    }
  }

  private static String query(Filter filter) {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    if (filter.queue() != null) {
      query.add("queue=" + HttpTransport.encode(filter.queue()));
    }
    if (filter.job() != null) {
      query.add("job=" + filter.job());
    }
    if (filter.types() != null) {
      query.add(
          "types="
              + filter.types().stream().map(Event.Type::word).collect(Collectors.joining(",")));
    }
    return query.toString();
  }

  @Override
  public List<Event> next(int max, Duration wait) throws InterruptedException {
    List<Event> events = new ArrayList<>();
    if (last != null) {
      take(last, events);
    }
    long latest = Deadline.after(wait);
    while (events.isEmpty() && !closed) {
      long now = Deadline.now();
      long left = Math.max(0, Math.min(latest, silentAt) - now);
      // The reader may begin to wait for the next block after this thread took the one before.
      long step = Math.min(left, silenceMax.toMillis());
      Block block = ahead.poll(step, TimeUnit.MILLISECONDS);
      if (block != null) {
        take(block, events);
      } else if (isSilent()) {
        take(new Block.End("the server says nothing any more"), events);
      } else if (Deadline.now() >= latest) {
        return events;
      }
    }
    while (events.size() < max && last == null) {
      Block block = ahead.poll();
      if (block == null) {
        return events;
      }
      take(block, events);
    }
    return events;
  }

  private boolean isSilent() {
    return Deadline.now() >= silentAt && ahead.isEmpty();
  }

  /** An end comes after the events before it were returned. */
  private void take(Block block, List<Event> events) {
    if (block instanceof Block.At(String at, Event event)) {
      position = at;
      if (event != null) {
        events.add(event);
      }
      return;
    }
    last = block;
    if (events.isEmpty() && !closed) {
      throw end(block);
    }
  }

  private RuntimeException end(Block block) {
    return block instanceof Block.End(String why)
        ? new BrokerException.Unavailable("the event stream is over, watch again: " + why)
        : new Reset("events were missed: list again, and watch from now on");
  }

  @Override
  public String position() {
    return position;
  }

  @Override
  public void close() {
    closed = true;
    reader.interrupt();
    ahead.offer(new Block.End("closed"));
    try {
      in.close();
    } catch (IOException e) {
      throw new BrokerException.Unavailable("the event stream cannot be closed", e);
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(new BoundedEvents(in), StandardCharsets.UTF_8))) {
      StreamBlock block = new StreamBlock();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isEmpty()) {
          block.take(line);
        } else {
          Block whole = block.end();
          silentAt = Deadline.NONE; // As long as it is us who do not take it.
          ahead.put(whole);
          silentAt = Deadline.after(silenceMax);
        }
      }
      ahead.put(new Block.End("the server ended it"));
    } catch (InterruptedException _) {
      ahead.offer(new Block.End("interrupted"));
    } catch (IOException | RuntimeException e) {
      offer(new Block.End(e.toString()));
    }
  }

  private void offer(Block block) {
    try {
      ahead.put(block);
    } catch (InterruptedException _) {
      // Closed: nobody reads any more.
    }
  }

  /** Breaks off at an event that is longer than any of ours, and may have no end. */
  private static final class BoundedEvents extends FilterInputStream {
    private static final int EVENT_BYTES_MAX = 1 << 20;

    private int count;
    private int last;

    BoundedEvents(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] into, int from, int max) throws IOException {
      int read = super.read(into, from, max);
      for (int i = from; i < from + read; i++) {
        count = into[i] == '\n' && last == '\n' ? 0 : count + 1;
        last = into[i] == '\r' ? last : into[i];
      }
      if (count > EVENT_BYTES_MAX) {
        throw new IOException("the server sent an event of more than 1 MiB");
      }
      return read;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }
  }

  /** The lines of one block. */
  private static final class StreamBlock {
    private String id = "";
    private String event = "";
    private String data = "";

    void take(String line) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        String value = line.substring(colon + 2);
        switch (line.substring(0, colon)) {
          case "id" -> id = value;
          case "event" -> event = value;
          case "data" -> data = value;
          default -> {}
        }
      }
    }

    Block end() {
      Block block =
          event.equals(EventWire.RESET)
              ? new Block.Missed()
              : new Block.At(id, event.isEmpty() ? null : EventWire.read(id, event, data));
      event = "";
      data = "";
      return block;
    }
  }
}
