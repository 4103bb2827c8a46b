package dev.afterbay.ledger;

import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.rules.StoredState;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a ledger has in memory of one queue. */
final class QueueEntry implements StoredState.StoredQueue {

  /** Where {@link #counts} has the jobs that are pending and not yet due: that of GONE. */
  static final int SCHEDULED = 6;

  final String name;
  final byte[] key;
  final Store.Wake wake;

  /** Jobs by the code of their state, and the scheduled ones in the place of GONE. */
  final long[] counts = new long[SCHEDULED + 1];

  final Map<String, Lane> ready = new HashMap<>();
  final LaneOrder heads = new LaneOrder();
  final LinkedHashMap<String, SessionQueue> sessionQueues = new LinkedHashMap<>(16, 0.75f, true);

  /** Null: as the broker says, which is the engine's matter. */
  @Nullable QueueSettings settings;

  QueueState state = QueueState.ACTIVE;

  /** Sessions may be stored that are not among the {@link #sessionQueues}. */
  boolean hasStoredLines;

  /** Sessions that somebody holds. */
  int heldSessions;

  /** Where somebody asked for more than {@link QueueSettings#unsettledMax} allowed. */
  private Set<Store.Wake> refused = Set.of();

  boolean dirty;
  private final List<QueueEntry> changed;

  QueueEntry(String name) {
    this(name, new ArrayList<>(1));
  }

  /**
   * @param changed takes the queue when its counts change
   */
  QueueEntry(String name, List<QueueEntry> changed) {
    this.changed = changed;
    this.name = name;
    this.key = Keys.queue(name);
    this.wake = new Store.Wake(name, null);
  }

  /** The defaults where they were never set. */
  QueueSettings settingsOrStandard() {
    return settings != null ? settings : QueueSettings.STANDARD;
  }

  @Override
  public @Nullable QueueSettings settings() {
    return settings;
  }

  @Override
  public boolean isDraining() {
    return state.kind() == QueueState.Kind.DRAINING;
  }

  void count(int index, int by) {
    counts[index] += by;
    if (!dirty) {
      dirty = true;
      changed.add(this);
    }
    assert counts[index] >= 0 : name + " has " + counts[index] + " of " + index;
  }

  long count(Status.Kind kind) {
    return counts[kind.code()];
  }

  @Override
  public long depth() {
    return count(Status.Kind.PENDING)
        + counts[SCHEDULED]
        + count(Status.Kind.WAITING)
        + count(Status.Kind.PROCESSING);
  }

  /** Whoever asks there is to look again once there is room. */
  void refused(Store.Wake place) {
    if (refused.isEmpty()) {
      refused = new HashSet<>();
    }
    refused.add(place);
  }

  /** A session that nobody holds any more: nobody waits for its jobs. */
  void notRefused(String session) {
    if (!refused.isEmpty()) {
      refused.remove(new Store.Wake(name, session));
    }
  }

  /** Where to look again, now that fewer jobs are unsettled; each place once. */
  Set<Store.Wake> noLongerRefused() {
    if (refused.isEmpty() || settingsOrStandard().unsettledMax() <= count(Status.Kind.PROCESSING)) {
      return Set.of();
    }
    Set<Store.Wake> places = refused;
    refused = Set.of();
    return places;
  }

  boolean isPaused() {
    return state.kind() == QueueState.Kind.PAUSED;
  }

  @Override
  public boolean isEmpty() {
    return Arrays.stream(counts).allMatch(count -> count == 0);
  }

  /**
   * @param oldest how long the oldest job that is due has been due
   */
  QueueStats stats(Duration oldest) {
    return new QueueStats(
        count(Status.Kind.PENDING),
        counts[SCHEDULED],
        count(Status.Kind.WAITING),
        count(Status.Kind.PROCESSING),
        count(Status.Kind.DONE),
        count(Status.Kind.FAILED),
        count(Status.Kind.CANCELLED),
        oldest);
  }

  byte[] encodedCounts() {
    RowWriter out = new RowWriter(8 * counts.length);
    for (long count : counts) {
      out.int64(count);
    }
    return out.done();
  }

  void readCounts(byte[] bytes) {
    RowReader in = new RowReader(bytes);
    for (int i = 0; i < counts.length; i++) {
      counts[i] = in.int64();
    }
  }
}
