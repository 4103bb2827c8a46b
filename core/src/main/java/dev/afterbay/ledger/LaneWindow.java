package dev.afterbay.ledger;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The head of a sorted table in memory, while the rest stays where it is stored.
 *
 * <p>Invariant: every stored entry up to {@link #covered} is in memory, and if the window is
 * complete, every entry at all. So the first entry in memory is the first one stored, unless the
 * window is empty and not complete: then {@link #wantsRefill}.
 */
final class LaneWindow<K extends Comparable<K>, V> {

  private int max;
  private final TreeMap<K, V> entries = new TreeMap<>();
  private boolean complete;
  private @Nullable K covered;

  LaneWindow(int max, boolean complete) {
    this.max = max;
    this.complete = complete;
  }

  /**
   * An entry was stored. Answers whether it is in memory now.
   *
   * @param dropped told of entries that are now only stored
   */
  boolean add(K key, V value, Consumer<V> dropped) {
    if (!complete && (covered == null || key.compareTo(covered) > 0)) {
      return false;
    }
    entries.put(key, value);
    boolean kept = true;
    while (entries.size() > max) {
      Map.Entry<K, V> last = entries.pollLastEntry();
      complete = false;
      covered = entries.lastKey();
      if (last.getKey().compareTo(key) == 0) {
        kept = false;
      } else {
        dropped.accept(last.getValue());
      }
    }
    return kept;
  }

  /** From the next entry on there may be so many, and at least one. */
  void limit(int max) {
    this.max = max;
  }

  /** What is stored from now on need not be in memory, though nothing is stored yet. */
  void leaveStored() {
    complete = false;
  }

  /** An entry is no longer stored. */
  void remove(K key) {
    entries.remove(key);
  }

  /** As if nothing had been read yet. */
  void forget() {
    entries.clear();
    complete = false;
    covered = null;
  }

  Map.@Nullable Entry<K, V> first() {
    return entries.firstEntry();
  }

  Collection<V> values() {
    return entries.values();
  }

  Iterable<K> keys() {
    return entries.keySet();
  }

  /** Nothing is stored at all. */
  boolean isVoid() {
    return complete && entries.isEmpty();
  }

  boolean wantsRefill() {
    return !complete && entries.isEmpty();
  }

  /** Where a refill begins, exclusive; null: at the start. */
  @Nullable K covered() {
    return covered;
  }

  /** An entry found by a refill, in ascending order; answers whether there is room for more. */
  boolean refill(K key, V value) {
    assert covered == null || key.compareTo(covered) > 0 : key + " after " + covered;
    entries.put(key, value);
    covered = key;
    return entries.size() < max;
  }

  /** The refill came to the end of what is stored. */
  void refilledToTheEnd() {
    complete = true;
  }

  /** Reads what is stored in a range behind what is covered, as far as there is room. */
  void refill(
      TableView view,
      Tables.Table table,
      byte[] from,
      byte @Nullable [] to,
      Function<byte[], K> keyOf,
      Function<byte[], V> valueOf) {
    boolean[] room = {true};
    view.scan(
        table,
        from,
        to,
        false,
        (key, value) -> room[0] = refill(keyOf.apply(key), valueOf.apply(value)));
    complete = room[0];
  }
}
