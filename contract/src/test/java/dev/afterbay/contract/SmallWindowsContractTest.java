package dev.afterbay.contract;

import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Store;

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
