package dev.afterbay.contract;

import dev.afterbay.store.Clock;
import dev.afterbay.store.Ledger;
import dev.afterbay.store.MemoryStore;
import dev.afterbay.store.MemoryTables;
import dev.afterbay.store.Store;
import dev.afterbay.store.Tables;

class MemoryStoreContractTest extends StoreContract {

  private final Tables tables = new MemoryTables();

  @Override
  protected Store open(Clock clock) {
    return MemoryStore.open(tables, clock, Ledger.Sizes.STANDARD);
  }
}
