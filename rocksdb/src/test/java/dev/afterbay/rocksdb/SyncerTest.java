package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SyncerTest {

  @TempDir Path directory;

  private FaultyDevice device;

  @Test
  void whatIsOnlyWrittenIsSyncedSoonAlsoIfNobodyWaitsForThat() {
    try (RocksStore store = RocksStore.open(directory, TestStores.SETTINGS, this::counted)) {
      TestStores.send(store, 1);
      Waiting.untilParked("afterbay-sync", "Syncer.sleep");
      int before = device.syncs.get();

      assertThat(TestStores.claim(store, 1)).hasSize(1);

      Waiting.until("the claim is synced", () -> device.syncs.get() > before);
    }
  }

  private FaultyDevice counted(Device real) {
    device = new FaultyDevice(real);
    return device;
  }
}
