package dev.afterbay.contract;

import dev.afterbay.store.Clock;
import dev.afterbay.store.Ledger;
import dev.afterbay.store.MemoryStore;
import dev.afterbay.store.MemoryTables;
import dev.afterbay.store.Store;
import dev.afterbay.store.Tables;

/** Hardly anything fits into memory, and nothing is to be seen of that. */
class SmallWindowsContractTest extends StoreContract {

  private final Tables tables = new MemoryTables();

  @Override
  protected Store open(Clock clock) {
    return MemoryStore.open(tables, clock, new Ledger.Sizes(2, 1));
  }

  @Override
  public int blockedJobs() {
    return 1_000;
  }
}
