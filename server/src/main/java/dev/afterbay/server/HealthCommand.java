package dev.afterbay.server;

import dev.afterbay.PlainText;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.http.ListenerTls;
import dev.afterbay.http.TlsSettings;
import dev.afterbay.http.TlsSettings.ClientAuth;
import dev.afterbay.server.Config.Listen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.commons.cli.ParseException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a running server whether it is ready, as the health check of a container does every few
 * seconds: by a socket, as the JDK's HTTP client costs a start much more than the question.
 */
final class HealthCommand {
  /** For all of it, the look-up of the name included. */
  private static final Duration AT_MOST = Duration.ofSeconds(10);

  private static final int ANSWER_BYTES_MAX = 16 << 10;
  private static final int REASON_CHARS_MAX = 500;
  private static final Pattern OWN = Pattern.compile("localhost|127\\.[0-9.]+|\\[::1]");
  private static final String PATH = "/health/ready";
  private static final String URL_ALLOWED =
      "must be http:// or https:// and a host, such as https://queue.example:8443";

  private HealthCommand() {}

  static Command command() {
    String text = "Asks a running server whether it is ready: exits with 0 if it is, else with 1.";
    return Main.listening(new Command("health", text, HealthCommand::run))
        .option(
            "url", "URL", "The server; default: where its configuration says, on this machine.");
  }

  /**
   * Where to ask.
   *
   * @param own TLS of a server on this machine, whatever certificate it shows: nobody else's answer
   *     comes that way; null: the certificate must be one that the JDK trusts, and have the name
   */
  record Target(URI url, @Nullable SSLContext own) {}

  private static int run(Arguments given) throws ParseException {
    LogLines.onlyErrors();
    try {
      String url = given.value("url");
      String complaint = ask(url == null ? configured(given) : elsewhere(url), AT_MOST);
      if (complaint == null) {
        System.out.println("ready");
        return ExitCode.STOPPED;
      }
      System.err.println("afterbay: not ready: " + complaint);
    } catch (ConfigException e) {
      System.err.println("afterbay: " + e.getMessage()); // 2 means something else to Docker.
    }
    return ExitCode.FAILED;
  }

  static Target configured(Arguments given) throws ParseException {
    Set<Map.Entry<String, Listen>> all =
        ConfigReader.readListeners(given.value("config", Path::of), Main.overrides(given))
            .entrySet();
    Map.Entry<String, Listen> asked =
        all.stream()
            .filter(entry -> takesAnybody(entry.getValue()))
            .findFirst()
            .orElse(all.iterator().next());
    Listen listen = asked.getValue();
    if (listen.port() == 0) {
      throw new ConfigException(
          asked.getKey() + ".port", "0", "is any free one: give --url with the port");
    }
    String host = isWildcard(listen.host()) ? Listen.HOST : listen.host();
    Listen reached = new Listen(host, listen.port(), listen.tls());
    TlsSettings tls = listen.tls();
    return new Target(
        URI.create(reached.url(listen.port())), tls == null ? null : ListenerTls.toOneself(tls));
  }

  private static boolean takesAnybody(Listen listen) {
    TlsSettings tls = listen.tls();
    return tls == null || tls.clientAuth() != ClientAuth.REQUIRE;
  }

  private static boolean isWildcard(String host) {
    try {
      return InetAddress.getByName(host).isAnyLocalAddress();
    } catch (IOException _) {
      return false;
    }
  }

  private static Target elsewhere(String url) {
    try {
      URI given = URI.create(url);
      String scheme = String.valueOf(given.getScheme()).toLowerCase(Locale.ROOT);
      String host = given.getHost();
      if (host != null && (scheme.equals("http") || scheme.equals("https"))) {
        return new Target(given, OWN.matcher(host).matches() ? ListenerTls.toOneself(null) : null);
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw new ConfigException("--url", url, URL_ALLOWED);
  }

  /** Why it is not ready; null: it is. */
  static @Nullable String ask(Target target, Duration atMost) {
    FutureTask<@Nullable String> asked = new FutureTask<>(() -> exchange(target));
    Thread.startVirtualThread(asked); // It does not keep the process from ending.
    String why;
    try {
      String said = asked.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
      if (said == null) {
        return null;
      }
      why = said;
    } catch (ExecutionException e) {
      why = String.valueOf(e.getCause());
    } catch (TimeoutException _) {
      why = "no answer within " + Durations.format(atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      why = "interrupted";
    }
    return PlainText.address(target.url()) + ": " + PlainText.line(why, REASON_CHARS_MAX);
  }

  private static @Nullable String exchange(Target target)
      throws IOException, GeneralSecurityException {
    URI url = target.url();
    try (Socket socket = connected(target)) {
      String request =
          "GET "
              + path(url)
              + " HTTP/1.1\r\nHost: "
              + url.getRawAuthority()
              + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
      if (answer.matches("(?s)HTTP/1\\.[01] 200 .*")) {
        return null;
      }
      int bodyAt = answer.indexOf("\r\n\r\n");
      String head = answer.lines().findFirst().orElse("no answer");
      String shown = bodyAt < 0 ? head : head + ": " + answer.substring(bodyAt).strip();
      return shown;
    }
  }

  private static String path(URI url) {
    String given = url.getRawPath() == null ? "" : url.getRawPath();
    String base = given.endsWith("/") ? given.substring(0, given.length() - 1) : given;
    return base.endsWith(PATH) ? base : base + PATH;
  }

  private static Socket connected(Target target) throws IOException, GeneralSecurityException {
    URI url = target.url();
    boolean secure = url.getScheme().equalsIgnoreCase("https");
    int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
    String host = url.getHost().replaceAll("[\\[\\]]", "");
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(host, port), (int) AT_MOST.toMillis());
    if (!secure) {
      return socket;
    }
    SSLContext own = target.own();
    SSLContext context = own == null ? SSLContext.getDefault() : own;
    SSLSocket wrapped =
        (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
    if (own == null) {
      SSLParameters parameters = wrapped.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      wrapped.setSSLParameters(parameters);
    }
    return wrapped;
  }
}
