package dev.afterbay.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** One connection to a server: a request, its answer, the next request. For one user at a time. */
final class HttpConnection {
  /*
   * A channel that blocks, as that is what ends for certain: whoever reads, writes or connects is
   * woken when his thread is interrupted, be it a virtual one or not, and when somebody closes it.
   * So no time limit of a single read is needed, which a server that trickles would pass by.
   */

  /** It is closed, as its time was over. */
  private static final long EXPIRED = Long.MIN_VALUE;

  private static final int BUFFER_BYTES = 8 << 10;

  private final SocketChannel channel;
  private final ByteBuffer probe = ByteBuffer.allocate(1);

  /** When it is closed, if its user has not moved that, see {@link ConnectionPool}. */
  private final AtomicLong until;

  private InputStream in = InputStream.nullInputStream();
  private OutputStream out = OutputStream.nullOutputStream();

  /** Invariant: {@code 0 <= position <= limit <= buffer.length}; between is what was read ahead. */
  private byte[] buffer = new byte[BUFFER_BYTES];

  private int position;
  private int limit;
  private boolean answered;

  /** Not connected yet. */
  HttpConnection(long until) throws IOException {
    this.until = new AtomicLong(until);
    this.channel = SocketChannel.open();
  }

  void connect(InetSocketAddress address) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    try {
      channel.connect(address);
    } catch (UnsupportedAddressTypeException e) {
      throw new IOException("this machine has no addresses of the kind of " + address, e);
    }
    use(channel.socket());
  }

  /** Shakes hands, with somebody who can show that this is his name. */
  void secure(SSLSocketFactory tls, String host, int port) throws IOException {
    SSLSocket socket = (SSLSocket) tls.createSocket(channel.socket(), host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    use(socket);
  }

  private void use(Socket socket) throws IOException {
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  long until() {
    return until.get();
  }

  /** Moves the moment at which it is closed; false: that has passed. */
  boolean extend(long to) {
    long from = until.get();
    return from != EXPIRED && until.compareAndSet(from, to);
  }

  /** Closes it, unless its user has moved the moment. */
  boolean expire(long from) {
    if (!until.compareAndSet(from, EXPIRED)) {
      return false;
    }
    close();
    return true;
  }

  /** Whether nothing came behind the last answer: it neither was closed, nor is out of step. */
  boolean isQuiet() {
    try {
      if (position < limit || in.available() > 0) { // TLS has what it decrypted in there.
        return false;
      }
      channel.configureBlocking(false);
      boolean quiet = channel.read(probe.clear()) == 0;
      channel.configureBlocking(true);
      return quiet;
    } catch (IOException _) {
      return false;
    }
  }

  /** From now on, what is read is the answer to the next request. */
  void beginRequest() {
    answered = false;
  }

  /** Whether anything came since. */
  boolean isAnswered() {
    return answered;
  }

  void write(byte[] bytes, int from, int count) throws IOException {
    out.write(bytes, from, count);
    out.flush();
  }

  /** Whether there is something to read at once. */
  boolean hasInput() throws IOException {
    return position < limit || in.available() > 0;
  }

  /** The next byte; -1: the server has closed the connection. */
  int read() throws IOException {
    if (position == limit) {
      position = 0;
      limit = 0;
      if (!fill()) {
        return -1;
      }
    }
    return buffer[position++] & 0xff;
  }

  /** As {@link InputStream#read(byte[], int, int)}. */
  int read(byte[] into, int from, int count) throws IOException {
    if (position == limit) {
      if (count >= buffer.length) {
        return in.read(into, from, count);
      }
      position = 0;
      limit = 0;
      if (!fill()) {
        return -1;
      }
    }
    int read = Math.min(count, limit - position);
    System.arraycopy(buffer, position, into, from, read);
    position += read;
    return read;
  }

  /**
   * The next lines, up to an empty one.
   *
   * @param max bytes of them all, with the empty one
   */
  ResponseHead readHead(int max) throws IOException {
    int scanned = position;
    while (true) {
      int end = headEnd(scanned);
      if (end >= 0) {
        ResponseHead head = ResponseHead.parse(buffer, position, end);
        position = end;
        return head;
      }
      if (limit - position >= max) {
        throw new MalformedAnswer("its head is longer than " + max + " bytes");
      }
      int before = position;
      scanned = Math.max(before, limit - 3);
      makeRoom(max);
      scanned -= before - position;
      if (!fill()) {
        throw new EOFException(
            answered
                ? "the server closed the connection within the head of its answer"
                : "the server closed the connection without an answer");
      }
    }
  }

  /** Behind the empty line; -1: it is not there yet. */
  private int headEnd(int from) {
    for (int i = from; i + 3 < limit; i++) {
      if (buffer[i] == '\r'
          && buffer[i + 1] == '\n'
          && buffer[i + 2] == '\r'
          && buffer[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  private void makeRoom(int max) {
    if (limit < buffer.length) {
      return;
    }
    if (position > 0) {
      System.arraycopy(buffer, position, buffer, 0, limit - position);
    } else {
      buffer = Arrays.copyOf(buffer, Math.min(2 * buffer.length, max));
    }
    limit -= position;
    position = 0;
  }

  private boolean fill() throws IOException {
    int read = in.read(buffer, limit, buffer.length - limit);
    if (read <= 0) {
      return false;
    }
    answered = true;
    limit += read;
    return true;
  }

  /** At once, whoever uses it: without the farewell of TLS, for which one would have to wait. */
  void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // Then it is over.
    }
  }
}
