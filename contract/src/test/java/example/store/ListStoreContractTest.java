package example.store;

import dev.afterbay.contract.StoreContract;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Store;

/** The rules are enough to write a store that does all that a store must do. */
class ListStoreContractTest extends StoreContract {

  private final ListDisk disk = new ListDisk();

  @Override
  protected Store open(Clock clock) {
    return new ListStore(disk, clock);
  }

  /** Each walk over the list is as long as the list. */
  @Override
  public int blockedJobs() {
    return 2_000;
  }
}
