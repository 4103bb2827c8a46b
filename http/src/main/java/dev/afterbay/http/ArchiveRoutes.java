package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Job;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.Limits;
import dev.afterbay.Status;
import dev.afterbay.client.wire.ExportedJob;
import dev.afterbay.client.wire.JobWire;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.Times;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Jobs that ended, out of the broker and back, as NDJSON. */
final class ArchiveRoutes {
  /*
   * An export has no last line that says that it is whole: what breaks off ends with the connection,
   * or the stream of HTTP/2, and never with the last chunk. Each client sees that.
   */

  private static final String NDJSON = "application/x-ndjson";
  private static final int PAGE = 100;

  /** Written at once; a client must take so many within its patience. */
  static final int PIECE_BYTES = 64 << 10;

  private final Jobs jobs;
  private final HttpApiServices services;
  private final SteadyClock clock;
  private final Limits limits;
  private final InFlightRequests inFlight;

  ArchiveRoutes(
      HttpApiServices services, SteadyClock clock, InFlightRequests inFlight, Limits limits) {
    this.jobs = services.broker().jobs().orElseThrow();
    this.services = services;
    this.clock = clock;
    this.limits = limits;
    this.inFlight = inFlight;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/jobs/export", Scope.READ, this::export)
            .query("status", "queue", "type", "created_after"),
        Route.post("/jobs/import", Scope.REVIVE, this::restore).query("all_or_none").streamed());
  }

  private Response restore(Exchange exchange) throws InterruptedException {
    boolean allOrNone = exchange.query().flag("all_or_none");
    if (!inFlight.streamBegun()) {
      return Response.of(Problem.unavailable("there are too many streams: retry later"));
    }
    try {
      return new JobImport(jobs, limits, exchange, allOrNone).run();
    } finally {
      inFlight.streamEnded();
    }
  }

  private Response export(Exchange exchange) {
    Jobs.JobQuery query = query(exchange.query());
    if (exchange.isHead()) {
      return Response.headOfStream(NDJSON);
    }
    if (!inFlight.streamBegun()) {
      return Response.of(Problem.unavailable("there are too many streams: retry later"));
    }
    try {
      Boolean whole = exchange.whileConnected(null, new Export(exchange, query));
      // What is no stream cuts off the connection where one has begun.
      return whole != null && whole
          ? Response.STREAMED
          : Response.of(Problem.unavailable("the export broke off: retry later"));
    } finally {
      inFlight.streamEnded();
    }
  }

  private static Jobs.JobQuery query(Query query) {
    String word = query.text("status");
    Status.Kind kind = word == null ? null : JobWire.kind(word);
    if (kind == null || !kind.isFinal()) {
      throw new Rejected(
          "status", "status must be failed, done or cancelled: only what ended is exported");
    }
    String created = query.text("created_after");
    return Jobs.JobQuery.ALL
        .status(kind)
        .queue(query.text("queue"))
        .type(query.text("type"))
        .createdAfter(created == null ? null : Times.parse("created_after", created))
        .bodies(true);
  }

  /** One export; true: it is whole. */
  private final class Export implements Callable<Boolean> {
    private final Exchange exchange;
    private final Jobs.JobQuery query;
    private final EventStream out;
    private final ResponseBudget room;

    Export(Exchange exchange, Jobs.JobQuery query) {
      this.exchange = exchange;
      this.query = query;
      this.out = new EventStream(exchange, inFlight.patience().body(), exchange.budget());
      this.room = exchange.room(limits);
    }

    @Override
    public Boolean call() throws InterruptedException {
      Jobs.JobPage page = page(null); // Before the header: what is wrong here is an answer.
      out.begin(NDJSON);
      while (write(lines(page.jobs()))) {
        if (page.next() == null) {
          return true;
        }
        page = page(page.next());
      }
      return false;
    }

    /** A page has the room of one message, or is one. */
    private Jobs.JobPage page(@Nullable String cursor) throws InterruptedException {
      room.takeOne();
      return jobs.list(query, cursor, PAGE, limits.bodyBytesMax());
    }

    private byte[] lines(List<Job> page) {
      JobWriter writer = new JobWriter(services, clock.get(), ExportedJob.VIEW);
      return Json.writeLines(page, (json, job) -> writer.write(json, job, JobNotes.NONE));
    }

    private boolean write(byte[] lines) throws InterruptedException {
      boolean written = !exchange.isGone();
      for (int from = 0; written && from < lines.length; from += PIECE_BYTES) {
        int to = Math.min(lines.length, from + PIECE_BYTES);
        written = out.write(Arrays.copyOfRange(lines, from, to));
      }
      return written;
    }
  }
}
