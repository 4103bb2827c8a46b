package dev.afterbay.handlers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;

/** An SMTP server on loopback that says yes to all, but for what a test tells it. */
final class ScriptedSmtp implements AutoCloseable {

  /** What was accepted. */
  record Mail(String from, String to, String data) {
    String header(String name) {
      for (String line : data.replaceAll("\r\n[ \t]", " ").split("\r\n")) {
        if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
          return line.substring(name.length() + 1).strip();
        }
      }
      return "";
    }
  }

  /** Answers a line of a client; false: as usual. The first line is empty: the greeting. */
  @FunctionalInterface
  interface Script {
    boolean answer(Conversation with, String line) throws IOException;
  }

  final List<Mail> mails = new CopyOnWriteArrayList<>();
  final List<String> lines = new CopyOnWriteArrayList<>();
  final AtomicInteger connections = new AtomicInteger();
  final AtomicInteger openNow = new AtomicInteger();
  final AtomicInteger openMax = new AtomicInteger();
  final CountDownLatch hangs = new CountDownLatch(1);

  private final ServerSocket socket;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  MailCertificate certificate;
  volatile String extensions = "250-8BITMIME\r\n250 SMTPUTF8\r\n";
  private volatile Script script;

  ScriptedSmtp(Script script) {
    this.script = script;
    try {
      socket = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  void script(Script script) {
    this.script = script;
  }

  static ScriptedSmtp willing() {
    return new ScriptedSmtp((_, _) -> false);
  }

  /** Answers a command that starts like this with that, always. */
  static ScriptedSmtp answering(String start, String reply) {
    return new ScriptedSmtp((with, line) -> line.startsWith(start) && with.say(reply));
  }

  int port() {
    return socket.getLocalPort();
  }

  SmtpSettings settings() {
    return SmtpSettings.of("127.0.0.1").port(port()).tls(SmtpSettings.Tls.NONE);
  }

  long count(String start) {
    return lines.stream().filter(line -> line.startsWith(start)).count();
  }

  private void accept() {
    try {
      while (true) {
        Socket one = socket.accept();
        connections.incrementAndGet();
        int now = openNow.incrementAndGet();
        openMax.accumulateAndGet(now, Math::max);
        open.add(one);
        Thread.ofVirtual().start(() -> serve(one));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket one) {
    Conversation conversation = null;
    try (one) {
      conversation = new Conversation(one);
      conversation.run();
    } catch (IOException e) {
      // The client has had enough.
    } finally {
      if (conversation == null) {
        openNow.decrementAndGet();
      } else {
        conversation.leave();
      }
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
      for (Socket one : open) {
        one.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With one client. */
  final class Conversation {
    private Socket connection;
    private BufferedReader in;
    private OutputStream out;
    private String from = "";
    private String to = "";
    private boolean left;

    Conversation(Socket connection) throws IOException {
      use(connection);
    }

    private void leave() {
      if (!left) {
        left = true;
        openNow.decrementAndGet();
      }
    }

    private void use(Socket connection) throws IOException {
      this.connection = connection;
      in =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
      out = connection.getOutputStream();
    }

    /** Always true: it is answered. */
    boolean say(String reply) throws IOException {
      out.write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
      return true;
    }

    /** Never answers, until the client hangs up. */
    boolean hang() throws IOException {
      hangs.countDown();
      while (in.read() >= 0) {
        Thread.onSpinWait();
      }
      return hangUp();
    }

    /** Reads nothing more, until a test lets it go on. */
    void awaitClosed() throws IOException {
      try {
        hangs.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    /** A byte, and a moment in which a client may lose patience. */
    void dribble() throws IOException {
      out.write('2');
      out.flush();
      try {
        hangs.await(10, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    boolean hangUp() throws IOException {
      connection.close();
      throw new IOException("over");
    }

    void run() throws IOException {
      if (!script.answer(this, "")) {
        say("220 scripted ESMTP");
      }
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line);
        if (line.startsWith("RCPT TO:")) {
          to = line.substring(9).replaceAll(">.*", "");
        }
        if (!script.answer(this, line)) {
          usual(line);
        }
        if (line.equals("QUIT")) {
          return;
        }
      }
    }

    private void usual(String line) throws IOException {
      if (line.startsWith("EHLO")) {
        say("250-scripted\r\n" + extensions.strip());
      } else if (line.startsWith("MAIL FROM:")) {
        from = line.substring(11).replaceAll(">.*", "");
        say("250 2.1.0 Ok");
      } else if (line.equals("DATA")) {
        say("354 go on");
        data();
      } else if (line.equals("STARTTLS")) {
        say("220 go on");
        SSLSocket secured =
            (SSLSocket)
                certificate.context().getSocketFactory().createSocket(connection, null, true);
        secured.setUseClientMode(false);
        use(secured);
      } else if (line.equals("QUIT")) {
        leave(); // Who reads the reply may look at once.
        say("221 bye");
      } else {
        say("250 2.0.0 Ok");
      }
    }

    private void data() throws IOException {
      StringBuilder data = new StringBuilder();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals(".")) {
          if (!script.answer(this, ".")) {
            mails.add(new Mail(from, to, data.toString()));
            say("250 2.0.0 Ok: queued as " + mails.size());
          }
          return;
        }
        data.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
      }
    }
  }
}
