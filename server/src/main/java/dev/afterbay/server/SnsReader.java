package dev.afterbay.server;

import dev.afterbay.BrokerException;
import dev.afterbay.Limits;
import dev.afterbay.SessionKeys;
import dev.afterbay.http.sns.AllowedTopics;
import dev.afterbay.http.sns.Regions;
import dev.afterbay.http.sns.SnsSettings;
import dev.afterbay.http.sns.SnsTopic;
import dev.afterbay.server.Config.OnUnsubscribe;
import dev.afterbay.server.Config.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** The section {@code sns}: topics that are let in, and the endpoint that they come by. */
final class SnsReader {
  /** The path of all topics, so no topic can have it for itself. */
  private static final String ALL_TOPICS = "webhook";

  private SnsReader() {}

  static Config.Sns sns(ConfigSection section) {
    List<Source> sources = section.list("topics", SnsReader::source);
    Regions given = section.valueHere("regions_file", Parsers::file, SnsReader::regions);
    Regions regions = given == null ? Regions.builtIn() : given;
    checkTogether(section, sources, regions);
    return new Config.Sns(
        sources,
        ConfigReader.ownListen(section),
        settings(section),
        section.value("on_unsubscribe", OnUnsubscribe.ALERT, Parsers.oneOf(OnUnsubscribe.class)),
        section.valueHere("cert_dir", Parsers::folder, Parsers::existingFolder),
        regions);
  }

  private static Source source(ConfigSection section) {
    String arn =
        section.required(
            "arn",
            "must be the ARN of a topic, such as arn:aws:sns:us-east-1:123456789012:orders",
            text -> SnsTopic.of(text).arn());
    String last = arn.substring(arn.lastIndexOf(':') + 1);
    return new Source(
        section.value("name", last, Parsers::name),
        section.value("queue", last, Parsers::name),
        new SnsTopic(
            arn,
            section.value("require_signature_version", 1, Parsers.integer(1, 2)),
            section.value("auto_confirm", true, Parsers::bool),
            section.value("host", text -> host(arn, text))),
        sessions(section.section("session")));
  }

  /** One field, several of them joined, or the first that there is; perhaps for a while each. */
  private static SessionKeys sessions(ConfigSection section) {
    String field = section.value("field", SnsReader::field);
    List<String> fields = section.values("fields", SnsReader::field);
    List<String> firstOf = section.values("first_of", SnsReader::field);
    String prefix = section.value("prefix", "", Function.identity());
    String separator = section.value("separator", "-", Function.identity());
    Duration period = section.value("period", SnsReader::period);
    if (Stream.of(field, fields, firstOf).filter(Objects::nonNull).count() > 1) {
      throw section.refusal(
          field == null ? "fields" : "field", "give one of field, fields and first_of");
    }
    SessionKeys keys = SessionKeys.none();
    if (field != null) {
      keys = SessionKeys.field(field, prefix);
    } else if (fields != null) {
      keys = SessionKeys.composite(separator, fields.toArray(String[]::new));
    } else if (firstOf != null) {
      keys =
          SessionKeys.firstOf(
              firstOf.stream()
                  .map(name -> SessionKeys.field(name, prefix))
                  .toArray(SessionKeys[]::new));
    }
    return period == null ? keys : SessionKeys.partitioned(keys, period);
  }

  private static Duration period(String text) {
    Duration period = Parsers.duration(text);
    if (period.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("must be at least 1s");
    }
    return period;
  }

  private static String field(String text) {
    try {
      SessionKeys.field(text);
    } catch (BrokerException.Rejected e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("must be an attribute's name or a JSON pointer");
    }
    return text;
  }

  private static String host(String arn, String text) {
    new SnsTopic(arn, 1, true, text);
    return text;
  }

  private static void checkTogether(ConfigSection section, List<Source> sources, Regions regions) {
    String at = section.name("topics");
    Set<String> taken = new HashSet<>(Set.of(ALL_TOPICS));
    for (Source source : sources) {
      if (!taken.add(source.name())) {
        throw new ConfigException(at, source.name(), "name must be there once, and not webhook");
      }
    }
    try {
      AllowedTopics.of(sources.stream().map(Source::topic).toList(), regions);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(at, "[...]", String.valueOf(e.getMessage()));
    }
  }

  private static SnsSettings settings(ConfigSection section) {
    SnsSettings standard = SnsSettings.defaults();
    return new SnsSettings(
        section.value("max_age", standard.maxAge(), SnsReader::maxAge),
        section.value("future_tolerance", standard.futureTolerance(), SnsReader::tolerance),
        ConfigReader.sentSize(
            section, "body_limit", standard.bodyBytesMax(), Limits.BODY_BYTES_MAX),
        section.value("unknown_topic", standard.unknownTopicStatus(), SnsReader::unknownTopic));
  }

  /** A key is remembered for longer, and there is a limit to that. */
  private static Duration maxAge(String text) {
    return atMost(SnsSettings.MAX_AGE_DAYS_MAX, Parsers.positive(text));
  }

  private static Duration tolerance(String text) {
    return atMost(1, Parsers.duration(text));
  }

  private static Duration atMost(int days, Duration duration) {
    if (duration.compareTo(Duration.ofDays(days)) > 0) {
      throw new IllegalArgumentException("must be at most " + days + "d");
    }
    return duration;
  }

  private static int unknownTopic(String text) {
    return switch (text) {
      case "403" -> 403;
      case "503" -> 503;
      default -> throw new IllegalArgumentException("must be 403 or 503");
    };
  }

  private static Regions regions(String text) {
    try {
      return Regions.overriddenBy(Path.of(text));
    } catch (IOException e) {
      throw new IllegalArgumentException("must be a readable text file (" + e + ")", e);
    }
  }
}
