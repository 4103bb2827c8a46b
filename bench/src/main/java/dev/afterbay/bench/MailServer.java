package dev.afterbay.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** A mail server that takes everything and keeps nothing, on the loopback address. */
final class MailServer implements AutoCloseable {

  private final ServerSocket listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final LongAdder accepted = new LongAdder();
  private volatile int openMax;

  MailServer() throws IOException {
    Thread.ofVirtual().name("mail-server").start(this::listen);
  }

  String host() {
    return listening.getInetAddress().getHostAddress();
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Messages that it has taken. */
  long accepted() {
    return accepted.sum();
  }

  /** Most connections that there were at a time. */
  int openMax() {
    return openMax;
  }

  private void listen() {
    try {
      while (true) {
        Socket socket = listening.accept();
        open.add(socket);
        openMax = Math.max(openMax, open.size());
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (SocketException _) {
      // It was closed.
    } catch (IOException e) {
      throw new IllegalStateException("the mail server failed", e);
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        BufferedWriter out =
            new BufferedWriter(
                new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8))) {
      socket.setTcpNoDelay(true);
      say(out, "220 bench");
      String line = in.readLine();
      while (line != null && !line.equals("QUIT")) {
        if (line.equals("DATA")) {
          say(out, "354 go on");
          readBody(in);
          accepted.increment();
        }
        say(out, "250 fine");
        line = in.readLine();
      }
    } catch (IOException _) {
      // The client is gone.
    } finally {
      open.remove(socket);
    }
  }

  private static void readBody(BufferedReader in) throws IOException {
    String line = in.readLine();
    while (line != null && !line.equals(".")) {
      line = in.readLine();
    }
  }

  private static void say(BufferedWriter out, String reply) throws IOException {
    out.write(reply + "\r\n");
    out.flush();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
