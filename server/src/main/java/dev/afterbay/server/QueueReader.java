package dev.afterbay.server;

import dev.afterbay.QueueSettings;
import dev.afterbay.client.wire.QueueFields;

/** Settings of a queue, with the names and values of {@code PUT /queues/{q}} (http-api.md). */
final class QueueReader {
  private QueueReader() {}

  static QueueSettings settings(ConfigSection section) {
    return fields(section).over(QueueSettings.STANDARD);
  }

  /** As {@link #settings}, for a queue with a patient worker. */
  static QueueSettings served(ConfigSection section) {
    QueueFields given = fields(section);
    QueueSettings standard = QueueSettings.STANDARD;
    return given.over(given.hasAttempts() ? standard : served(standard));
  }

  /** A queue with such a worker has no end of attempts, but an end of patience (config.md). */
  static QueueSettings served(QueueSettings settings) {
    return settings
        .maxAttempts(QueueSettings.UNLIMITED)
        .giveUpAfter(Config.WorkerEntry.GIVE_UP_AFTER);
  }

  private static QueueFields fields(ConfigSection section) {
    return QueueFields.read(object -> object.isEmpty() ? section : section.section(object));
  }
}
