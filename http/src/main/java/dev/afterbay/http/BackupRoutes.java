package dev.afterbay.http;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.client.wire.Problem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.util.Arrays;
import java.util.List;

/** All that the store holds at one moment, as one stream of bytes. */
final class BackupRoutes {
  /*
   * A POST, as a page of another site can have a browser send any GET. What breaks off ends with the
   * connection, as an export does; besides, the bytes say themselves whether they are whole.
   */

  private static final Logger LOG = System.getLogger(BackupRoutes.class.getName());
  private static final String OCTETS = "application/octet-stream";

  private final HttpApiServices.Backups backups;
  private final InFlightRequests inFlight;

  BackupRoutes(HttpApiServices services, InFlightRequests inFlight) {
    this.backups = services.backups();
    this.inFlight = inFlight;
  }

  List<Route> routes() {
    return List.of(Route.post("/backup", Scope.MANAGE, this::backup));
  }

  private Response backup(Exchange exchange) {
    NdjsonLines.requireNoFields(exchange.text());
    if (!inFlight.streamBegun()) {
      return Response.of(Problem.unavailable("there are too many streams: retry later"));
    }
    try {
      Boolean whole = exchange.whileConnected(null, () -> write(new Answer(exchange)));
      // What is no stream cuts off the connection where one has begun.
      return whole != null && whole
          ? Response.STREAMED
          : Response.of(Problem.unavailable("the backup broke off: retry later"));
    } finally {
      inFlight.streamEnded();
    }
  }

  private boolean write(Answer to) throws InterruptedException {
    try {
      backups.write(to);
      return true;
    } catch (IOException | RuntimeException e) {
      if (!to.begun && e instanceof RuntimeException refusal) {
        throw refusal;
      }
      String what = "a backup broke off: " + e.getMessage();
      if (e instanceof IOException || e instanceof BrokerException) {
        inFlight.log().warn(LOG, "backup", what);
      } else {
        inFlight.log().error(LOG, "backup", what, e);
      }
      return false;
    }
  }

  /** The answer, which begins with the first byte: until then a problem can be told. */
  private final class Answer extends OutputStream {
    private final Exchange exchange;
    private final EventStream out;
    private boolean begun;

    Answer(Exchange exchange) {
      this.exchange = exchange;
      this.out = new EventStream(exchange, inFlight.patience().body(), exchange.budget());
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (!begun) {
        begun = true;
        out.begin(OCTETS);
      }
      for (int at = from; at < from + length; at += ArchiveRoutes.PIECE_BYTES) {
        int end = Math.min(from + length, at + ArchiveRoutes.PIECE_BYTES);
        writePiece(Arrays.copyOfRange(bytes, at, end));
      }
    }

    private void writePiece(byte[] piece) throws IOException {
      if (exchange.isGone()) {
        throw new IOException("the client is gone");
      }
      try {
        if (!out.writeAlone(piece)) {
          throw new IOException(
              "the client took nothing for " + Durations.format(inFlight.patience().body()));
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the client takes the backup");
      }
    }
  }
}
