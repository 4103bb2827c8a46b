package dev.afterbay.store;

import java.util.Map;

/**
 * A durable record beside the jobs: the settings of a queue, a pause, a schedule.
 *
 * @param kind what it is, such as {@link #QUEUE}
 * @param version grows by one with each write; a {@link Change.Put} with version 1 makes it anew
 * @param values text by name; empty: the setting is deleted
 */
public record Setting(String kind, String name, long version, Map<String, String> values) {

  /** Settings of the queue of that name, see {@link SettingCodec}. */
  public static final String QUEUE = "queue";

  /** Whether the queue of that name is paused or draining, see {@link SettingCodec}. */
  public static final String QUEUE_STATE = "queue-state";

  /** Before the name of a queue: what consumers left in its sessions, by their names. */
  public static final String SESSION_STATE = "session-state/";

  public Setting {
    values = Map.copyOf(values);
  }

  /** Whether this is the deletion of a setting. */
  public boolean isDeleted() {
    return values.isEmpty();
  }
}
