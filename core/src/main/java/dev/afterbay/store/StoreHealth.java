package dev.afterbay.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a store can do its work now.
 *
 * @param live false: it failed, and refuses everything until it is opened again
 * @param reasons why it does not do all of its work, a sentence each that says what to do; empty:
 *     it does
 * @param roomBytes how much more its disk takes before sends are refused, at least 0; null: it has
 *     no disk of its own
 */
public record StoreHealth(boolean live, List<String> reasons, @Nullable Long roomBytes) {

  /** Of a store that does all of its work, and has no disk of its own. */
  public static final StoreHealth GOOD = new StoreHealth(true, List.of(), null);

  public StoreHealth {
    reasons = List.copyOf(reasons);
  }

  /** Of a store that refuses everything. */
  public static StoreHealth failed(String reason) {
    return new StoreHealth(false, List.of(reason), null);
  }

  /** Whether it does all of its work, sends too. */
  public boolean ready() {
    return reasons.isEmpty();
  }
}
