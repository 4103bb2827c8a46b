package dev.afterbay.contract;

import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Store;

class MemoryStoreContractTest extends StoreContract {

  private final Tables tables = new MemoryTables();

  @Override
  protected Store open(Clock clock) {
    return MemoryStore.open(tables, clock, Ledger.Sizes.STANDARD);
  }
}
