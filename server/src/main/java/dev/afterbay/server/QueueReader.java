package dev.afterbay.server;

import dev.afterbay.QueueSettings;
import dev.afterbay.QueueSettings.DeliveryMode;
import dev.afterbay.QueueSettings.Order;
import dev.afterbay.QueueSettings.Retention;
import dev.afterbay.RetryPolicy;
import org.jspecify.annotations.Nullable;

/** Settings of a queue, with the names and values of {@code PUT /queues/{q}} (http-api.md). */
final class QueueReader {
  private static final String UNLIMITED = "unlimited";

  private QueueReader() {}

  static QueueSettings settings(ConfigSection section, QueueSettings standard) {
    return new QueueSettings(
        section.value("delivery", standard.delivery(), Parsers.oneOf(DeliveryMode.class)),
        section.value("order", standard.order(), Parsers.oneOf(Order.class)),
        section.value("lease", standard.lease(), Parsers::duration),
        section.value("max_attempts", standard.maxAttempts(), QueueReader::attempts),
        section.section("backoff", it -> backoff(it, standard.backoff())),
        either(section.value("give_up_after", Parsers::duration), standard.giveUpAfter()),
        section.value("dedup_window", standard.dedupWindow(), Parsers::duration),
        section.section("retention", it -> retention(it, standard.retention())),
        either(section.value("ttl", Parsers::duration), standard.timeToLive()),
        either(section.value("max_depth", Parsers.whole(1, Long.MAX_VALUE)), standard.depthMax()),
        section.value("max_unsettled", standard.unsettledMax(), QueueReader::unsettled));
  }

  /** As {@link #settings}, for a queue with a patient worker. */
  static QueueSettings served(ConfigSection section) {
    boolean own = section.value("max_attempts", QueueReader::attempts) != null;
    return settings(section, own ? QueueSettings.STANDARD : served(QueueSettings.STANDARD));
  }

  /** A queue with such a worker has no end of attempts, but an end of patience (config.md). */
  static QueueSettings served(QueueSettings settings) {
    return settings
        .maxAttempts(QueueSettings.UNLIMITED)
        .giveUpAfter(Config.WorkerEntry.GIVE_UP_AFTER);
  }

  private static RetryPolicy backoff(ConfigSection section, RetryPolicy standard) {
    return new RetryPolicy(
        section.value("first", standard.first(), Parsers::duration),
        section.value("factor", standard.factor(), Parsers::number),
        section.value("longest", standard.longest(), Parsers::duration),
        section.value("jitter", standard.jitter(), Parsers::number));
  }

  private static Retention retention(ConfigSection section, Retention standard) {
    return new Retention(
        either(section.value("done", Parsers::duration), standard.done()),
        section.value("failed", standard.failed(), Parsers::duration));
  }

  private static <T> @Nullable T either(@Nullable T value, @Nullable T otherwise) {
    return value == null ? otherwise : value;
  }

  private static int unsettled(String text) {
    return Parsers.integer(1, Integer.MAX_VALUE).apply(text);
  }

  private static int attempts(String text) {
    if (text.equals(UNLIMITED)) {
      return QueueSettings.UNLIMITED;
    }
    try {
      return Parsers.integer(1, Integer.MAX_VALUE).apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be a whole number from 1, or unlimited", e);
    }
  }
}
