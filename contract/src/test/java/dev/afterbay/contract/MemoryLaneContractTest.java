package dev.afterbay.contract;

import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Store;

class MemoryLaneContractTest extends LaneContract {

  @Override
  protected Store open(Clock clock) {
    return MemoryStore.open(clock);
  }
}
