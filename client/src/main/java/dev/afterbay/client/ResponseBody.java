package dev.afterbay.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** The body of an answer, as it comes. Closing it closes its connection. */
final class ResponseBody extends InputStream {

  private static final long UNTIL_CLOSED = -1;

  /** Of the line with the size of a chunk, and of all lines behind the last one. */
  private static final int LINE_BYTES_MAX = 4 << 10;

  private static final int TRAILER_BYTES_MAX = 64 << 10;
  private static final int SIZE_DIGITS_MAX = 15;

  /** As much is believed of a length that is said; from there on, memory follows what comes. */
  private static final int BELIEVED_BYTES_MAX = 64 << 10;

  private final HttpConnection connection;
  private final Runnable discard;
  private final boolean chunked;
  private final boolean lasts;

  /** Of the body, or of a chunk. */
  private long left;

  private boolean ended;
  private boolean begun;

  /**
   * @param discard closes and forgets the connection
   */
  ResponseBody(HttpConnection connection, ResponseHead head, Runnable discard) {
    this.connection = connection;
    this.discard = discard;
    this.chunked = head.chunked();
    // Some send a body where there is none: it would be taken for the next answer.
    this.lasts = head.lasts() && !(head.hasNoBody() && (head.chunked() || head.length() > 0));
    this.left = chunked ? 0 : head.length();
    if (head.hasNoBody()) {
      left = 0;
    }
    this.ended = head.hasNoBody() || (!chunked && left == 0);
  }

  /** Whether all of it was read, and the connection is ready for the next request. */
  boolean isConnectionFree() {
    return ended && lasts && left != UNTIL_CLOSED;
  }

  /**
   * All of it.
   *
   * @throws IOException if it is longer than that, which its text says, or breaks off
   */
  byte[] readWhole(AnswerLimit limit) throws IOException {
    long max = limit.bytes();
    if (left > max) {
      throw new IOException(limit.refusal());
    }
    if (ended) {
      return new byte[0];
    }
    long likely = left > 0 ? left : BELIEVED_BYTES_MAX / 8;
    byte[] bytes = new byte[(int) Math.min(likely, BELIEVED_BYTES_MAX)];
    int count = 0;
    while (true) {
      int read = read(bytes, count, bytes.length - count);
      if (read < 0) {
        return Arrays.copyOf(bytes, count);
      }
      count += read;
      if (count > max) {
        throw new IOException(limit.refusal());
      }
      if (ended && count == bytes.length) {
        return bytes;
      }
      if (count == bytes.length) {
        bytes = Arrays.copyOf(bytes, grown(count, max));
      }
    }
  }

  private int grown(int count, long max) {
    long wanted = 2L * count;
    return (int) Math.min(left > 0 && !chunked ? Math.min(count + left, wanted) : wanted, max + 1);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (!ended && chunked && left == 0) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int wanted = left == UNTIL_CLOSED ? count : (int) Math.min(count, left);
    int read = connection.read(into, from, wanted);
    if (read < 0) {
      if (left != UNTIL_CLOSED) {
        throw brokenOff();
      }
      ended = true;
      return -1;
    }
    if (left != UNTIL_CLOSED) {
      left -= read;
      ended = left == 0 && !chunked;
    }
    return read;
  }

  private void nextChunk() throws IOException {
    if (begun && line(next()) != 0) {
      throw new MalformedAnswer("a chunk that is longer than it says");
    }
    begun = true;
    left = chunkSize();
    if (left == 0) {
      skipTrailers();
      ended = true;
    }
  }

  private long chunkSize() throws IOException {
    long size = 0;
    int digits = 0;
    int c = next();
    for (int digit = Character.digit(c, 16); digit >= 0; digit = Character.digit(c, 16)) {
      if (++digits > SIZE_DIGITS_MAX) {
        throw new MalformedAnswer("a chunk that is too large");
      }
      size = 16 * size + digit;
      c = next();
    }
    if (digits == 0 || (c != '\r' && c != ';' && c != ' ' && c != '\t')) {
      throw new MalformedAnswer("a chunk without a size");
    }
    line(c);
    return size;
  }

  private void skipTrailers() throws IOException {
    int bytes = 0;
    for (int length = line(next()); length > 0; length = line(next())) {
      bytes += length;
      if (bytes > TRAILER_BYTES_MAX) {
        throw new MalformedAnswer("too much behind the last chunk");
      }
    }
  }

  /** Passes over a line, and returns its length. */
  private int line(int first) throws IOException {
    int length = 0;
    for (int c = first; c != '\r'; c = next()) {
      if (!ResponseHead.isValueByte(c) || ++length > LINE_BYTES_MAX) {
        throw new MalformedAnswer("a line between chunks that is none");
      }
    }
    if (next() != '\n') {
      throw new MalformedAnswer("a line between chunks without an end");
    }
    return length;
  }

  private int next() throws IOException {
    int c = connection.read();
    if (c < 0) {
      throw brokenOff();
    }
    return c;
  }

  private static EOFException brokenOff() {
    return new EOFException("the server closed the connection within its answer");
  }

  @Override
  public void close() {
    discard.run();
  }
}
