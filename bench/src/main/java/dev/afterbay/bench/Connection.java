package dev.afterbay.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** One connection: a request, its answer, the next request. For one thread. */
final class Connection implements AutoCloseable {

  private static final int BUFFER_BYTES = 32 << 10;

  private final SocketChannel channel;
  private final Wire wire;
  private final SelectionKey key;
  private final Script script;
  private ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);
  private ByteBuffer out = ByteBuffer.allocate(0);
  private long sentAt;

  private Connection(SocketChannel channel, Wire wire, SelectionKey key, Script script) {
    this.channel = channel;
    this.wire = wire;
    this.key = key;
    this.script = script;
  }

  /**
   * @param tls null: in clear text
   */
  static Connection open(
      InetSocketAddress server, @Nullable SSLContext tls, Selector selector, Script script)
      throws IOException {
    SocketChannel channel = SocketChannel.open(server);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    Wire wire = tls == null ? new Wire.Plain(channel) : greeted(TlsWire.open(channel, tls));
    channel.configureBlocking(false);
    SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
    Connection connection = new Connection(channel, wire, key, script);
    key.attach(connection);
    return connection;
  }

  /**
   * Asks something at once: until all others have shaken hands, too, a server may take one that
   * never did for somebody who only keeps it busy.
   */
  private static Wire greeted(Wire wire) throws IOException {
    wire.write(ByteBuffer.wrap(Requests.get("/health/live")));
    ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);
    while (Reply.read(in.array(), in.position()) == null) {
      if (wire.read(in) < 0) {
        throw new EOFException("the server closed a connection that was just opened");
      }
    }
    return wire;
  }

  Script script() {
    return script;
  }

  /** When the request was begun to be sent, in nanoseconds of the system. */
  long sentAt() {
    return sentAt;
  }

  /** Begins to send the next request; false: there is none. */
  boolean sendNext() throws IOException {
    ByteBuffer request = script.next();
    if (request == null) {
      return false;
    }
    sentAt = System.nanoTime();
    in.clear();
    out = request;
    write();
    return true;
  }

  /** Does what can be done without waiting; the answer, if that is all there. */
  @Nullable Reply proceed() throws IOException {
    if (out.hasRemaining() || wire.isWriting()) {
      write();
    }
    if (!key.isReadable()) {
      return null;
    }
    if (!in.hasRemaining()) {
      in = ByteBuffer.wrap(Arrays.copyOf(in.array(), 2 * in.capacity())).position(in.capacity());
    }
    if (wire.read(in) < 0) {
      throw new EOFException("the server closed the connection");
    }
    return Reply.read(in.array(), in.position());
  }

  private void write() throws IOException {
    wire.write(out);
    int more = out.hasRemaining() || wire.isWriting() ? SelectionKey.OP_WRITE : 0;
    key.interestOps(SelectionKey.OP_READ | more);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
