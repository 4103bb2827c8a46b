package dev.afterbay.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;

/** One connection that asks and waits for the answer. */
final class Caller implements AutoCloseable {

  /** A server that says nothing for so long is stuck. */
  private static final int SILENCE_MILLIS_MAX = 90_000;

  private static final int ERRORS_FROM = 400;
  private static final int BUFFER_BYTES = 2_048;

  private final Socket socket;
  private byte[] buffer = new byte[BUFFER_BYTES];

  Caller(URI server) throws IOException {
    socket = new Socket(server.getHost(), server.getPort());
    socket.setSoTimeout(SILENCE_MILLIS_MAX);
    socket.setTcpNoDelay(true);
  }

  Reply call(byte[] request) throws IOException {
    send(request);
    return answer();
  }

  void send(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
  }

  /**
   * The next answer.
   *
   * @throws IOException if it is none, or says that something went wrong
   */
  Reply answer() throws IOException {
    int length = 0;
    Reply reply = null;
    while (reply == null) {
      if (length == buffer.length) {
        buffer = Arrays.copyOf(buffer, 2 * length);
      }
      int read = socket.getInputStream().read(buffer, length, buffer.length - length);
      if (read < 0) {
        throw new EOFException("the server closed a connection that waited for an answer");
      }
      length += read;
      reply = Reply.read(buffer, length);
    }
    if (reply.status() >= ERRORS_FROM) {
      throw new IOException("answered " + reply.status() + ": " + reply.text());
    }
    return reply;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
