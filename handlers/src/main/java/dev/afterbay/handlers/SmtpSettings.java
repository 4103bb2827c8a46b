package dev.afterbay.handlers;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an SMTP server, and how to keep connections to it. Each setting is one call that
 * returns new settings; what is not said stays as {@link #of} says. Never shows the password.
 */
public final class SmtpSettings {

  public static final int POOL_MAX = 1_000;
  public static final Duration TIME_MAX = Duration.ofHours(1);

  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}|\\[?[0-9a-fA-F:.]{2,45}]?");

  private static final String HIDDEN = "***";
  private static final int PORT_MAX = 65_535;
  private static final int TLS_PORT = 465;
  private static final int SUBMISSION_PORT = 587;
  private static final int PLAIN_PORT = 25;

  /** How a connection is encrypted. */
  public enum Tls {
    /** Not at all: a login is sent in clear. */
    NONE,
    /** From the command STARTTLS on, before any login; a server without it is not used. */
    STARTTLS,
    /** From the first byte on. */
    TLS
  }

  private final Fields fields;

  private SmtpSettings(Fields fields) {
    this.fields = fields;
  }

  /** What they are changed by. */
  private static final class Fields {
    String host;
    int port;
    Tls tls = Tls.STARTTLS;
    @Nullable String user;
    @Nullable String password;
    int pool = 4;
    Duration timeout = Duration.ofSeconds(30);
    Duration idle = Duration.ofSeconds(30);
    Duration lifetime = Duration.ofMinutes(5);

    Fields(String host) {
      this.host = host;
    }

    Fields copy() {
      Fields copy = new Fields(host);
      copy.port = port;
      copy.tls = tls;
      copy.user = user;
      copy.password = password;
      copy.pool = pool;
      copy.timeout = timeout;
      copy.idle = idle;
      copy.lifetime = lifetime;
      return copy;
    }
  }

  /**
   * STARTTLS on port 587 without login, over at most 4 connections, each used for 5 minutes at most
   * and closed after 30 s without work; 30 s for a connection, for each reply and for each write.
   *
   * @throws IllegalArgumentException if it is not a host name or an IP address
   */
  public static SmtpSettings of(String host) {
    check(HOST.matcher(host).matches(), "host must be a host name or an IP address: " + host);
    return new SmtpSettings(new Fields(host.replaceAll("[\\[\\]]", "")));
  }

  /** 1 to 65535; 0: 587 for STARTTLS, 465 for TLS, 25 for none. */
  public SmtpSettings port(int port) {
    check(port >= 0 && port <= PORT_MAX, "port must be 1 to 65535: " + port);
    return with(next -> next.port = port);
  }

  /** How connections are encrypted; the server's certificate and its name are always checked. */
  public SmtpSettings tls(Tls tls) {
    return with(next -> next.tls = tls);
  }

  /** Logs in by AUTH PLAIN or LOGIN; a server that offers neither is not used. */
  public SmtpSettings login(String user, String password) {
    check(!user.isEmpty() && isLine(user), "user must be a line of text");
    checkPassword(password);
    return with(next -> {
      next.user = user;
      next.password = password;
    });
  }

  /** Most connections at a time, 1 to 1,000. */
  public SmtpSettings pool(int connections) {
    check(
        connections >= 1 && connections <= POOL_MAX,
        "pool must be 1 to " + POOL_MAX + ": " + connections);
    return with(next -> next.pool = connections);
  }

  /** For opening a connection, for each reply, for each write; 1 ms to 1 hour. */
  public SmtpSettings timeout(Duration timeout) {
    checkTime("timeout", timeout);
    return with(next -> next.timeout = timeout);
  }

  /** A connection without work for this long is closed; 1 ms to 1 hour. */
  public SmtpSettings idle(Duration idle) {
    checkTime("idle", idle);
    return with(next -> next.idle = idle);
  }

  /** A connection that is older than this is not used again; 1 ms to 1 hour. */
  public SmtpSettings lifetime(Duration lifetime) {
    checkTime("lifetime", lifetime);
    return with(next -> next.lifetime = lifetime);
  }

  String host() {
    return fields.host;
  }

  int port() {
    if (fields.port > 0) {
      return fields.port;
    }
    return switch (fields.tls) {
      case NONE -> PLAIN_PORT;
      case STARTTLS -> SUBMISSION_PORT;
      case TLS -> TLS_PORT;
    };
  }

  Tls tls() {
    return fields.tls;
  }

  @Nullable String user() {
    return fields.user;
  }

  @Nullable String password() {
    return fields.password;
  }

  int pool() {
    return fields.pool;
  }

  Duration timeout() {
    return fields.timeout;
  }

  Duration idle() {
    return fields.idle;
  }

  Duration lifetime() {
    return fields.lifetime;
  }

  /** The server, as texts name it. */
  String server() {
    return fields.host + ":" + port();
  }

  boolean isInClear() {
    return fields.tls == Tls.NONE && fields.user != null;
  }

  /** A text without what logs in. */
  String hidden(String text) {
    String user = fields.user;
    String password = fields.password;
    if (user == null || password == null) {
      return text;
    }
    return text.replace(base64(user + "\0" + user + "\0" + password), HIDDEN)
        .replace(base64("\0" + user + "\0" + password), HIDDEN)
        .replace(base64(password), HIDDEN)
        .replace(password, HIDDEN);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "SmtpSettings[" + server() + ", " + fields.tls + "]";
  }

  private SmtpSettings with(Consumer<Fields> change) {
    Fields next = fields.copy();
    change.accept(next);
    return new SmtpSettings(next);
  }

  static String checkPassword(String password) {
    check(!password.isEmpty() && isLine(password), "password must be a line of text");
    return password;
  }

  private static boolean isLine(String text) {
    return text.codePoints().noneMatch(EmailAddress::isControl);
  }

  private static void checkTime(String name, Duration time) {
    check(
        time.compareTo(Duration.ofMillis(1)) >= 0 && time.compareTo(TIME_MAX) <= 0,
        "" + name + " must be 1 ms to 1 h: " + time);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
