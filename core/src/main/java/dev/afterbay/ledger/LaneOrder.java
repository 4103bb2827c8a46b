package dev.afterbay.ledger;

import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a queue in the order of their heads, so that what comes next is found without a look
 * at every lane: there may be as many as there are types.
 *
 * <p>Invariant: a lane stands at {@link Lane#head}, and is not here if that is null.
 */
final class LaneOrder {

  private final TreeMap<Position, Lane> ready = new TreeMap<>();

  /** The head of a lane is another one now. */
  void move(Lane lane, @Nullable Position head) {
    if (head != null && head.equals(lane.head)) {
      return;
    }
    if (lane.head != null) {
      ready.remove(lane.head);
    }
    lane.head = head;
    if (head != null) {
      Lane other = ready.put(head, lane);
      assert other == null : other.type + " and " + lane.type + " have the same head " + head;
    }
  }

  /** The one with the first head first. */
  Collection<Lane> lanes() {
    return ready.values();
  }

  /**
   * The first of the wanted lanes.
   *
   * @param after only those that stand after this; null: any
   */
  @Nullable Lane next(Predicate<Lane> wanted, @Nullable Position after) {
    NavigableMap<Position, Lane> rest = after == null ? ready : ready.tailMap(after, false);
    for (Lane lane : rest.values()) {
      if (wanted.test(lane)) {
        return lane;
      }
    }
    return null;
  }
}
