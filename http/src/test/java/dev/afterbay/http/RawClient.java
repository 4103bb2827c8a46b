package dev.afterbay.http;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;

/** A client that sends what no HTTP library would. */
final class RawClient implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  RawClient(int port) {
    this(connected(port));
  }

  /** By a connection that may speak TLS. */
  RawClient(Socket socket) {
    this.socket = socket;
    try {
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Socket connected(int port) {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      return socket;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** An answer; header names in lower case. */
  record Reply(int status, Map<String, String> headers, String body) {}

  /** With a newline in the text for each CR LF. */
  RawClient send(String lines) {
    return sendBytes(lines.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  RawClient sendBytes(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Says nothing more, but still listens. */
  RawClient endOutput() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** False: the server does not take it any more. */
  boolean trySend(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  Reply read() {
    try {
      String statusLine = line();
      Map<String, String> headers = new LinkedHashMap<>();
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
      }
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      return new Reply(Integer.parseInt(statusLine.substring(9, 12)), headers, body);
    } catch (IOException e) {
      throw new AssertionError("no answer: " + e, e);
    }
  }

  /** Reads a line of an answer without a length. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("after: " + line);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /** Of what the server says. */
  int firstByte() throws IOException {
    return in.read();
  }

  /** Whether the server closes the connection, without another byte. */
  boolean isClosed() {
    try {
      return in.read() < 0;
    } catch (SocketException | SSLException _) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the server closes the connection, whatever it says before. */
  boolean isClosedAtLast() {
    try {
      in.readAllBytes();
      return true;
    } catch (SocketException | SSLException _) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
