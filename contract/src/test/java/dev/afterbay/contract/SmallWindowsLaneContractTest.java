package dev.afterbay.contract;

import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Store;

/** Hardly anything fits into memory, and nothing is to be seen of that. */
class SmallWindowsLaneContractTest extends LaneContract {

  @Override
  protected Store open(Clock clock) {
    return MemoryStore.open(new MemoryTables(), clock, new Ledger.Sizes(2, 1));
  }
}
