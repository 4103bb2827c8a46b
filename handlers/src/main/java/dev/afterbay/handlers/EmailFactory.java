package dev.afterbay.handlers;

import dev.afterbay.BrokerException;
import dev.afterbay.Queue;
import dev.afterbay.handlers.SmtpSettings.Tls;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.HandlerFactory;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes {@link EmailHandler}s: {@code handler: email}, with the settings in {@code email}. */
public final class EmailFactory implements HandlerFactory {

  private static final int PORT_MAX = 65_535;

  /** Servers whose host, port and encryption need not be said. */
  private enum Preset {
    SES("email-smtp.us-east-1.amazonaws.com", "email-smtp.%s.amazonaws.com"),
    GMAIL("smtp.gmail.com", null),
    MAILGUN("smtp.mailgun.org", "smtp.%s.mailgun.org");

    private final String host;
    private final @Nullable String regionalHost;

    Preset(String host, @Nullable String regionalHost) {
      this.host = host;
      this.regionalHost = regionalHost;
    }

    String host(@Nullable String region) {
      if (region == null) {
        return host;
      }
      if (regionalHost == null) {
        throw new BrokerException.Rejected("region", "must be left out: gmail has no regions");
      }
      return regionalHost.replace("%s", region);
    }
  }

  /** For the {@link java.util.ServiceLoader}. */
  public EmailFactory() {}

  @Override
  public String name() {
    return "email";
  }

  /** A mail server may be away for a day, or put a sender off for hours: nothing is lost. */
  @Override
  public boolean isPatient() {
    return true;
  }

  /** What one recipient's server says is no word about the others. */
  @Override
  public boolean hasOneTarget() {
    return false;
  }

  @Override
  public Optional<String> schema() {
    return Optional.of(PayloadJson.schema(name()));
  }

  @Override
  public Configured configure(Section section, Duration timeout) {
    EmailAddress from = section.value("from", EmailAddress::parse);
    SmtpSettings smtp = smtp(section, host(section));
    CloudflareSettings cloudflare = cloudflare(section.section("cloudflare"));
    if (smtp == null && cloudflare == null) {
      return new WithoutSettings();
    }
    if (from == null) {
      throw new BrokerException.Rejected(
          "from", "must be given: the sender, such as Name <name@example.com>");
    }
    if (smtp == null) {
      return _ -> EmailHandler.over(from, Objects.requireNonNull(cloudflare)).within(timeout);
    }
    if (cloudflare != null) {
      throw new BrokerException.Rejected(
          "cloudflare", "contradicts smtp and preset: give one way to send");
    }
    return _ -> EmailHandler.over(from, smtp).within(timeout);
  }

  /** Nothing says how to send: each job is failed with that reason, or refused with it. */
  private static final class WithoutSettings implements Configured {

    @Override
    public Handler open(Queue queue) {
      return EmailHandler.withoutSettings();
    }

    @Override
    public Optional<String> refusal() {
      return Optional.of(EmailHandler.NO_SETTINGS);
    }
  }

  /** The server with what a preset says of it; null: none is given. */
  private static @Nullable SmtpSettings host(Section section) {
    SmtpSettings given = section.section("smtp").value("host", EmailFactory::server);
    Preset preset = section.oneOf("preset", Preset.class);
    String region = section.value("region", EmailFactory::region);
    if (region != null && (preset == null || given != null)) {
      throw new BrokerException.Rejected("region", "is for a preset without smtp.host");
    }
    return given != null || preset == null ? given : SmtpSettings.of(preset.host(region));
  }

  /** All settings of the section are read, so that a server allows them. */
  private static @Nullable SmtpSettings smtp(Section section, @Nullable SmtpSettings server) {
    Section smtp = section.section("smtp");
    Long port = smtp.integer("port", 1, PORT_MAX);
    Tls tls = smtp.oneOf("tls", Tls.class);
    String user = smtp.value("user", Function.identity());
    String password = smtp.secret("password", SmtpSettings::checkPassword);
    Long pool = smtp.integer("pool", 1, SmtpSettings.POOL_MAX);
    Duration timeout = smtp.duration("timeout");
    Duration idle = smtp.duration("idle");
    Duration lifetime = smtp.duration("lifetime");
    if (server == null) {
      if (Stream.of(port, tls, user, password, pool, timeout, idle, lifetime)
          .anyMatch(Objects::nonNull)) {
        throw new BrokerException.Rejected("smtp.host", "must be given, or a preset");
      }
      return null;
    }
    if ((user == null) != (password == null)) {
      String missing = user == null ? "smtp.user" : "smtp.password";
      throw new BrokerException.Rejected(missing, "must be given with the other part of the login");
    }
    return named(
        "smtp.",
        () -> {
          SmtpSettings settings = server;
          settings = port == null ? settings : settings.port(Math.toIntExact(port));
          settings = tls == null ? settings : settings.tls(tls);
          settings = user == null || password == null ? settings : settings.login(user, password);
          settings = pool == null ? settings : settings.pool(Math.toIntExact(pool));
          settings = timeout == null ? settings : settings.timeout(timeout);
          settings = idle == null ? settings : settings.idle(idle);
          return lifetime == null ? settings : settings.lifetime(lifetime);
        });
  }

  private static @Nullable CloudflareSettings cloudflare(Section section) {
    String account = section.value("account", Function.identity());
    String token = section.secret("token", CloudflareSettings::checkToken);
    URI api = section.value("api", EmailFactory::url);
    Duration timeout = section.duration("timeout");
    if (account == null && token == null && api == null && timeout == null) {
      return null;
    }
    if (account == null || token == null) {
      String missing = account == null ? "account" : "token";
      throw new BrokerException.Rejected(
          "cloudflare." + missing, "must be given: account and token say where to send");
    }
    return named(
        "cloudflare.",
        () -> {
          CloudflareSettings settings = CloudflareSettings.of(account, token);
          settings = api == null ? settings : settings.api(api);
          return timeout == null ? settings : settings.timeout(timeout);
        });
  }

  /** The rules of the settings begin with the name that they are about. */
  private static <T> T named(String section, Supplier<T> checked) {
    try {
      return checked.get();
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      throw new BrokerException.Rejected(section + reason.split(" ", 2)[0], reason, e);
    }
  }

  private static SmtpSettings server(String host) {
    try {
      return SmtpSettings.of(host);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be a host name or an IP address", e);
    }
  }

  private static String region(String text) {
    if (!text.matches("[a-z0-9-]{1,32}")) {
      throw new IllegalArgumentException("must be a region such as eu-west-1");
    }
    return text;
  }

  private static URI url(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "must be a URL such as https://api.cloudflare.com/client/v4", e);
    }
  }
}
