package dev.afterbay.server;

import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.rocksdb.RocksStore;
import dev.afterbay.store.Store;

/** The store that the configuration names: the one place that knows stores by name. */
final class ConfiguredStore {

  private ConfiguredStore() {}

  /**
   * @throws dev.afterbay.rocksdb.StoreException if it cannot be opened
   */
  static Store open(Config config, ProcessMemory memory) {
    return switch (config.store()) {
      case MEMORY -> MemoryStore.open();
      case ROCKSDB -> {
        Config.Disk disk = config.disk();
        yield RocksStore.open(
            config.data(),
            RocksStore.Settings.STANDARD
                .disk(disk.reserve(), disk.lowWater())
                .memory(memory.store()));
      }
    };
  }
}
