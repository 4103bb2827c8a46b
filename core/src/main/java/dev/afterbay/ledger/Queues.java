package dev.afterbay.ledger;

import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.rules.SessionRules;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The queues and all settings. */
final class Queues {

  private static final Logger LOG = System.getLogger(Queues.class.getName());

  private final Tables tables;
  private final TreeMap<String, QueueEntry> queues = new TreeMap<>();

  /** Whose counts changed since they were written: a write must not look at every queue. */
  private final List<QueueEntry> changed = new ArrayList<>();

  private QueueSettings latest = QueueSettings.STANDARD;

  Queues(Tables tables) {
    this.tables = tables;
  }

  QueueEntry of(String queue) {
    return queues.computeIfAbsent(queue, name -> new QueueEntry(name, changed));
  }

  @Nullable QueueEntry known(String queue) {
    return queues.get(queue);
  }

  /** Who holds a session now; null: nobody. */
  @Nullable SessionLease held(String queue, String session, Moment now) {
    QueueEntry book = queues.get(queue);
    SessionQueue line = book == null ? null : book.sessionQueues.get(session);
    SessionLease held = line == null ? null : line.held;
    return held == null || SessionRules.hasLapsed(held, now) ? null : held;
  }

  List<String> names(@Nullable String after, int max) {
    Map<String, QueueEntry> rest = after == null ? queues : queues.tailMap(after, false);
    return rest.values().stream()
        .filter(book -> book.settings != null || !book.isEmpty())
        .limit(max)
        .map(book -> book.name)
        .toList();
  }

  void restore() {
    tables.each(
        Tables.Table.COUNT, Keys.NOTHING, (key, value) -> of(Keys.queueOf(key)).readCounts(value));
    restore(Setting.QUEUE);
    restore(Setting.QUEUE_STATE);
  }

  /** One after the other: there may be many. */
  private void restore(String kind) {
    tables.each(
        Tables.Table.SETTING,
        Keys.setting(kind, ""),
        (key, value) -> rememberStored(RowFormat.setting(kind, Keys.settingName(key), value)));
  }

  /** What another version stored is no reason not to open: then the queue has the defaults. */
  private void rememberStored(Setting setting) {
    try {
      remember(setting);
    } catch (RuntimeException e) {
      LOG.log(
          Logger.Level.WARNING,
          "the stored "
              + setting.kind()
              + " of "
              + setting.name()
              + " cannot be read, so its defaults hold until it is set again: "
              + setting.values(),
          e);
    }
  }

  Optional<Setting> setting(String kind, String name) {
    byte[] stored = tables.get(Tables.Table.SETTING, Keys.setting(kind, name));
    return Optional.ofNullable(stored).map(bytes -> RowFormat.setting(kind, name, bytes));
  }

  List<Setting> settings(String kind, @Nullable String after, int max) {
    byte[] prefix = Keys.setting(kind, "");
    byte[] from = after == null ? prefix : Keys.next(Keys.setting(kind, after));
    List<Setting> settings = new ArrayList<>();
    tables.scan(
        Tables.Table.SETTING,
        from,
        Keys.after(prefix),
        false,
        (key, value) -> {
          settings.add(RowFormat.setting(kind, Keys.settingName(key), value));
          return settings.size() < max;
        });
    return settings;
  }

  /** Answers the queue that the setting is of; null: of none. */
  @Nullable QueueEntry put(Setting setting) {
    byte[] key = Keys.setting(setting.kind(), setting.name());
    if (setting.isDeleted()) {
      tables.delete(Tables.Table.SETTING, key);
    } else {
      tables.put(Tables.Table.SETTING, key, RowFormat.setting(setting));
    }
    return remember(setting);
  }

  void drop(String queue) {
    QueueEntry book = queues.get(queue);
    if (book != null) {
      tables.delete(Tables.Table.COUNT, book.key);
      book.dirty = false;
      forgetUnused(book);
    }
  }

  /**
   * A queue of which nothing is known any more leaves memory, which those that come and go must not
   * fill; one with a held session is still in use.
   */
  void forgetUnused(QueueEntry book) {
    if (book.settings == null
        && book.state.equals(QueueState.ACTIVE)
        && book.sessionQueues.isEmpty()
        && book.ready.isEmpty()
        && book.isEmpty()
        && !book.dirty) {
      queues.remove(book.name, book);
    }
  }

  void writeCounts() {
    for (QueueEntry book : changed) {
      if (book.dirty) {
        tables.put(Tables.Table.COUNT, book.key, book.encodedCounts());
        book.dirty = false;
      }
    }
    changed.clear();
  }

  /** Most queues are set to the same, which need not be in memory once for each. */
  private QueueSettings shared(QueueSettings settings) {
    if (!settings.equals(latest)) {
      latest = settings;
    }
    return latest;
  }

  private @Nullable QueueEntry remember(Setting setting) {
    Map<String, String> values = setting.values();
    String name = setting.name();
    switch (setting.kind()) {
      case Setting.QUEUE ->
          of(name).settings = setting.isDeleted() ? null : shared(SettingCodec.settings(values));
      case Setting.QUEUE_STATE ->
          of(name).state = setting.isDeleted() ? QueueState.ACTIVE : SettingCodec.state(values);
      default -> {
        return null;
      }
    }
    return of(name);
  }
}
