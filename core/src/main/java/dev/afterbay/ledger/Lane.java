package dev.afterbay.ledger;

import org.jspecify.annotations.Nullable;

/**
 * What can be claimed of one type: the unit of filters, and later of limits and fairness. Jobs of
 * sessions stand in lanes of their own, where only the first of each free session is.
 */
final class Lane {

  final String type;
  final boolean sessions;
  final byte[] prefix;
  final int windowMax;
  final LaneWindow<Position, CachedJob> window;

  /**
   * None of its jobs stands before this that anybody may want, and the first one in memory stands
   * here; null: there is none. Set by {@link LaneOrder}.
   */
  @Nullable Position head;

  Lane(String queue, String type, boolean sessions, int windowMax, boolean complete) {
    this.type = type;
    this.sessions = sessions;
    this.prefix = Keys.lane(queue, type, sessions);
    this.windowMax = windowMax;
    this.window = new LaneWindow<>(windowMax, complete);
  }
}
