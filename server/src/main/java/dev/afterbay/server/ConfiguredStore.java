package dev.afterbay.server;

import dev.afterbay.http.HttpApiServices.Health;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.rocksdb.RocksStore;
import dev.afterbay.store.Store;
import java.util.ArrayList;
import java.util.List;

/** The store that the configuration names, opened. */
record ConfiguredStore(Store store, Health health) implements AutoCloseable {
  /**
   * @throws dev.afterbay.rocksdb.StoreException if it cannot be opened
   */
  static ConfiguredStore open(Config config, ProcessMemory memory) {
    return switch (config.store()) {
      case MEMORY -> new ConfiguredStore(MemoryStore.open(), Health.GOOD);
      case ROCKSDB -> {
        Config.Disk disk = config.disk();
        RocksStore store =
            RocksStore.open(
                config.data(),
                RocksStore.Settings.STANDARD
                    .disk(disk.reserve(), disk.lowWater())
                    .memory(memory.store()));
        yield new ConfiguredStore(store, () -> reasons(store));
      }
    };
  }

  private static List<String> reasons(RocksStore store) {
    List<String> reasons = new ArrayList<>();
    String failure = store.failure();
    if (failure != null) {
      reasons.add("the store failed: " + failure);
    }
    if (store.isDiskLow()) {
      reasons.add("the disk is nearly full: nothing is taken in until there is room");
    }
    return reasons;
  }

  @Override
  public void close() {
    store.close();
  }
}
