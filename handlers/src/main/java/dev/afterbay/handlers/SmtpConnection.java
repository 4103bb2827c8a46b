package dev.afterbay.handlers;

import dev.afterbay.handlers.EmailReply.State;
import dev.afterbay.handlers.EmailTransport.Unreachable;
import dev.afterbay.handlers.SmtpSettings.Tls;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import jakarta.mail.internet.InternetAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.angus.mail.smtp.SMTPMessage;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.eclipse.angus.mail.util.SocketConnectException;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an SMTP server. Angus Mail speaks the protocol; here is what it does not tell:
 * the first reply that said no, and whether a message was begun.
 */
final class SmtpConnection extends SMTPTransport {

  /*
   * What a failure means is decided by the reply, not by the type of an exception: after a refusal
   * Angus Mail sends RSET, and where the server has hung up by then (421), all that its exception
   * tells is that.
   */

  private static final int TEMPORARY_MIN = 400;
  private static final int PERMANENT_MIN = 500;
  private static final int CODE_MAX = 599;
  private static final int SUCCESS_MIN = 200;
  private static final int SUCCESS_MAX = 299;
  private static final int SHUTTING_DOWN = 421;

  /** Encryption or a login is asked for: it is our settings that are wrong, not the e-mail. */
  private static final Set<Integer> SETTINGS = Set.of(530, 534, 535, 538);

  /** For a message with an address beyond ASCII (RFC 6531), to a server without SMTPUTF8. */
  private static final EmailReply NO_UTF8 =
      new EmailReply(
          State.REJECTED, 0, "the server does not take addresses beyond ASCII (SMTPUTF8)");

  private final SmtpSettings settings;
  private final SmtpSocket socket;
  private final long openedAt = System.nanoTime();
  private long usedAt = openedAt;
  private @Nullable EmailReply refusal;
  private boolean begun;
  private boolean usable;
  private boolean opening = true;

  private SmtpConnection(SmtpSettings settings, Session session, SmtpSocket socket) {
    super(session, new URLName("smtp", settings.host(), settings.port(), null, null, null));
    this.settings = settings;
    this.socket = socket;
  }

  /**
   * @param socket not connected yet
   * @param name how we introduce ourselves
   * @throws Unreachable says why, never with the password
   */
  static SmtpConnection open(
      SmtpSettings settings, SmtpSocket socket, SSLSocketFactory trust, String name)
      throws Unreachable, InterruptedException {
    Session session = Session.getInstance(properties(settings, socket, trust, name));
    SmtpConnection connection = new SmtpConnection(settings, session, socket);
    try {
      connection.connect(settings.host(), settings.port(), settings.user(), settings.password());
      if (settings.user() != null && !connection.supportsExtension("AUTH")) {
        throw new MessagingException("the server offers no login (AUTH)");
      }
      connection.opening = false;
      connection.usable = true;
      return connection;
    } catch (MessagingException | RuntimeException e) {
      connection.abandon();
      throw connection.unreachable(e);
    }
  }

  private static Properties properties(
      SmtpSettings settings, SmtpSocket socket, SSLSocketFactory trust, String name) {
    Properties properties = new Properties();
    properties.put("mail.smtp.localhost", name);
    properties.put("mail.smtp.socketFactory", new OneSocket(socket));
    properties.put("mail.smtp.socketFactory.fallback", "false");
    properties.put("mail.smtp.ssl.socketFactory", trust);
    properties.put("mail.smtp.ssl.checkserveridentity", "true");
    properties.put("mail.smtp.starttls.enable", Boolean.toString(settings.tls() == Tls.STARTTLS));
    properties.put("mail.smtp.starttls.required", Boolean.toString(settings.tls() == Tls.STARTTLS));
    properties.put("mail.smtp.auth", Boolean.toString(settings.user() != null));
    properties.put("mail.smtp.auth.mechanisms", "PLAIN LOGIN");
    // A server that answers garbage makes Angus Mail close the connection: not with a question.
    properties.put("mail.smtp.quitwait", "false");
    return properties;
  }

  /**
   * Sends a message.
   *
   * @throws Unreachable if the connection cannot be used again
   */
  EmailReply send(EmailMime mime, EmailAddress from, EmailAddress to)
      throws Unreachable, InterruptedException {
    boolean utf8 = mime.isUtf8(to);
    if (utf8 && !supportsExtension("SMTPUTF8")) {
      return NO_UTF8;
    }
    refusal = null;
    begun = false;
    usable = false;
    try {
      sendMessage(new Outgoing(mime, from, to, utf8), new Address[] {mailbox(to)});
      return accepted();
    } catch (MessagingException | RuntimeException e) {
      return judged(e);
    }
  }

  private EmailReply accepted() {
    usable = true;
    usedAt = System.nanoTime();
    return new EmailReply(State.ACCEPTED, getLastReturnCode(), text(getLastServerResponse()));
  }

  /** A reply that says no is one, even if the server hung up with it. */
  private EmailReply judged(Exception e) throws Unreachable, InterruptedException {
    EmailReply known = refusal;
    boolean failed = e instanceof SendFailedException;
    int last = getLastReturnCode();
    if (known == null && failed && begun && last >= SUCCESS_MIN && last <= SUCCESS_MAX) {
      return accepted(); // Taken, by another reply than 250.
    }
    if (known == null || known.code() == SHUTTING_DOWN || SETTINGS.contains(known.code())) {
      throw unreachable(e);
    }
    usable = failed && !socket.isClosed();
    usedAt = System.nanoTime();
    return known;
  }

  private Unreachable unreachable(Exception e) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    EmailReply known = refusal;
    String text = known == null ? reason(e) : known.text();
    EmailReply reply = new EmailReply(State.PENDING, known == null ? 0 : known.code(), text);
    return new Unreachable(settings.server(), reply, null, e);
  }

  /** What lies behind the exceptions of Angus Mail. */
  private String reason(Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null
        && (cause instanceof MessagingException || cause instanceof SocketConnectException)) {
      cause = cause.getCause();
    }
    if (!(cause instanceof IOException) && getLastReturnCode() == -1) {
      return "the server closed the connection, or answered what is not SMTP: "
          + text(getLastServerResponse());
    }
    return settings.hidden(Objects.requireNonNullElse(cause.getMessage(), cause.toString()));
  }

  /** Notes the first reply that says no. */
  @Override
  protected int readServerResponse() throws MessagingException {
    int code = super.readServerResponse();
    if (refusal == null && code >= TEMPORARY_MIN && code <= CODE_MAX) {
      State state = code >= PERMANENT_MIN ? State.REJECTED : State.PENDING;
      refusal = new EmailReply(state, code, text(getLastServerResponse()));
    } else if (opening && code > 0 && code < TEMPORARY_MIN) {
      refusal = null; // Such as that of EHLO, after which HELO was taken.
    }
    return code;
  }

  @Override
  protected OutputStream data() throws MessagingException {
    OutputStream data = super.data();
    begun = true;
    return data;
  }

  /** Angus Mail writes the low byte of each character: so each is made a byte of UTF-8. */
  @Override
  protected void sendCommand(String command) throws MessagingException {
    byte[] bytes = command.getBytes(StandardCharsets.UTF_8);
    super.sendCommand(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** Whether it can be used for another message, as far as is known. */
  boolean isUsable() {
    return usable;
  }

  /** Whether the last message had begun when it failed: then the server may have it. */
  boolean hasBegun() {
    return begun;
  }

  /** Whether the server was waited for in vain. */
  boolean isLate() {
    return socket.isLate();
  }

  boolean isOver(long now) {
    return now - usedAt >= settings.idle().toNanos()
        || now - openedAt >= settings.lifetime().toNanos();
  }

  /** Asks the server, if it had nothing to do for a while: it may have hung up. */
  boolean isAlive(long now, long quietNanos) {
    try {
      return now - usedAt < quietNanos || simpleCommand("NOOP") == 250;
    } catch (MessagingException | RuntimeException e) {
      return false;
    }
  }

  /** Says goodbye, and waits for the answer as long as for any. */
  void quit() {
    try {
      simpleCommand("QUIT");
    } catch (MessagingException | RuntimeException e) {
      // It is closed all the same.
    } finally {
      abandon();
    }
  }

  /** Closes it, whatever it is doing. */
  void abandon() {
    usable = false;
    socket.end();
  }

  /** What a reply says after its codes, on one line. */
  private String text(@Nullable String reply) {
    String text = reply == null ? "" : reply.replaceAll("(?m)^[0-9]{3}[ -]?", "");
    return settings.hidden(text.replaceAll("\\s+", " ")); // It may repeat what it was sent.
  }

  private static InternetAddress mailbox(EmailAddress address) {
    InternetAddress mailbox = new InternetAddress();
    mailbox.setAddress(address.address());
    return mailbox;
  }

  /** A message for one recipient. */
  private static final class Outgoing extends SMTPMessage {
    private final EmailMime mime;
    private final EmailAddress to;

    Outgoing(EmailMime mime, EmailAddress from, EmailAddress to, boolean utf8) {
      super((Session) null);
      this.mime = mime;
      this.to = to;
      setEnvelopeFrom(from.address());
      if (utf8) {
        setMailExtension("SMTPUTF8");
      }
    }

    @Override
    public void writeTo(OutputStream out, String[] ignored) throws IOException {
      mime.writeTo(out, to);
    }

    /** For tracing only. */
    @Override
    public String getSubject() {
      return "";
    }
  }

  /** How Angus Mail is given a socket. */
  private static final class OneSocket extends SocketFactory {
    private final SmtpSocket socket;

    OneSocket(SmtpSocket socket) {
      this.socket = socket;
    }

    @Override
    public Socket createSocket() {
      return socket;
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
      throw new UnsupportedOperationException();
    }
  }
}
