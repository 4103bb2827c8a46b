package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.QueueSettings;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.QueueWire;

/** The settings of a queue as JSON, for whoever has them in a file (config.md, queues). */
public final class QueueSettingsJson {

  private QueueSettingsJson() {}

  /**
   * Reads what {@code PUT /queues/{q}} takes.
   *
   * @param json a JSON object in UTF-8
   * @param standard what it leaves out
   * @throws Rejected if a field is unknown, wrong or contradicts another
   */
  public static QueueSettings read(byte[] json, QueueSettings standard) {
    if (!Json.isUtf8(json, 0, json.length)) {
      throw new Rejected("body", "the settings are not UTF-8");
    }
    return QueueWire.readSettings(json, standard);
  }
}
