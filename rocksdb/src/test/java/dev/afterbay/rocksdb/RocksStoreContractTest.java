package dev.afterbay.rocksdb;

import dev.afterbay.contract.StoreContract;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Store;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class RocksStoreContractTest extends StoreContract {

  @TempDir Path directory;

  @Override
  protected Store open(Clock clock) {
    return RocksStore.open(directory, TestStores.SETTINGS.clock(clock));
  }
}
