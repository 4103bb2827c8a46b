package dev.afterbay.handlers;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an SMTP server on which nothing lasts for ever: not a write, and not a reply,
 * neither in time nor in bytes, however slowly or endlessly it comes.
 */
final class SmtpSocket extends Socket {

  /*
   * A timeout of reads alone would be renewed by each byte, and a reply of many lines has no end
   * that a client could know. So both limits are for all that comes between two writes: the reply
   * to a command, or a flight of a TLS handshake.
   *
   * The limits are those of the wire, below TLS, whether it began with STARTTLS (then Angus Mail
   * lays it over this socket) or with the connection (then this class does, so that it is below
   * there, too).
   */

  /** Replies have some hundred bytes, the certificates of a handshake a few thousand. */
  static final int REPLY_BYTES_MAX = 128 << 10;

  private final InetAddress address;
  private final Duration connectAtMost;
  private final Duration timeout;
  private final ScheduledExecutorService watch;
  private final @Nullable SSLSocketFactory implicitTls;
  private volatile boolean late;
  private volatile long replyLatest;
  private int replyBytes;
  private @Nullable SSLSocket tls;

  /**
   * @param address the one to connect to, whatever the name is looked up to later
   * @param timeout for each write and for each reply
   * @param implicitTls null: plain, at first
   */
  SmtpSocket(
      InetAddress address,
      Duration connectAtMost,
      Duration timeout,
      @Nullable SSLSocketFactory implicitTls,
      ScheduledExecutorService watch) {
    this.address = address;
    this.connectAtMost = connectAtMost;
    this.timeout = timeout;
    this.implicitTls = implicitTls;
    this.watch = watch;
  }

  @Override
  public void connect(SocketAddress end) throws IOException {
    connect(end, 0);
  }

  @Override
  public void connect(SocketAddress end, int ignored) throws IOException {
    InetSocketAddress named = (InetSocketAddress) end;
    super.connect(new InetSocketAddress(address, named.getPort()), millis(connectAtMost));
    setTcpNoDelay(true);
    beginReply();
    if (implicitTls != null) {
      SSLSocket secured =
          (SSLSocket) implicitTls.createSocket(this, named.getHostString(), named.getPort(), true);
      SSLParameters parameters = secured.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secured.setSSLParameters(parameters);
      secured.startHandshake();
      tls = secured;
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return tls == null ? new Replies(super.getInputStream()) : tls.getInputStream();
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return tls == null ? new Writes(super.getOutputStream()) : tls.getOutputStream();
  }

  /** Whether the server was waited for in vain. */
  boolean isLate() {
    return late;
  }

  /** Closes it, whatever it is doing, and without a word. */
  void end() {
    try {
      close();
    } catch (IOException e) {
      // It is closed.
    }
  }

  private void beginReply() {
    replyLatest = System.nanoTime() + timeout.toNanos();
    replyBytes = 0;
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(Math.max(1, duration.toMillis()));
  }

  private final class Replies extends FilterInputStream {
    Replies(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      long left = TimeUnit.NANOSECONDS.toMillis(replyLatest - System.nanoTime());
      if (left <= 0) {
        throw late();
      }
      setSoTimeout(millis(Duration.ofMillis(left)));
      int read;
      try {
        read = super.read(bytes, offset, length);
      } catch (SocketTimeoutException e) {
        throw late();
      }
      replyBytes += Math.max(0, read);
      if (replyBytes > REPLY_BYTES_MAX) {
        throw new IOException("the reply is longer than " + REPLY_BYTES_MAX + " bytes");
      }
      return read;
    }

    private IOException late() {
      late = true;
      return new IOException("no reply within " + timeout);
    }
  }

  private final class Writes extends FilterOutputStream {
    Writes(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      Future<?> limit = watch.schedule(this::giveUp, timeout.toNanos(), TimeUnit.NANOSECONDS);
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw late ? new IOException("nothing was taken within " + timeout, e) : e;
      } finally {
        limit.cancel(false);
      }
      beginReply();
    }

    private void giveUp() {
      late = true;
      end();
    }
  }
}
