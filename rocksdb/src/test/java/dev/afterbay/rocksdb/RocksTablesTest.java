package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.ledger.Tables.Table;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RocksTablesTest {

  private static final Applier.Recovery NONE =
      new Applier.Recovery() {
        @Override
        public boolean hasRoom() {
          return false;
        }

        @Override
        public void recover() {}
      };

  private static final int ROWS = 100;

  @TempDir Path directory;

  /** Else its iterator would read memory that is not there any more. */
  @Test
  void theOverlayStaysUnderAScanWhoseVisitorReadsAfterTheDiskHasRoomAgain() throws Exception {
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    FaultyDevice device = new FaultyDevice(Device.of(directory));
    device.applyShortage = true;
    Path path = directory.resolve("db");
    try (Database database = Database.open(path, Database.Access.CREATE, sizing)) {
      Applier applier = new Applier(database, device, new StoreFailure(), 1 << 20, (_, _) -> true);
      AtomicInteger looks = new AtomicInteger();
      try (RocksTables tables = new RocksTables(database, outlet(applier, looks))) {
        for (int n = 0; n < ROWS; n++) {
          tables.put(Table.SETTING, key(n), key(n));
        }
        tables.write();
        assertThat(tables.get(Table.SETTING, key(1))).isEqualTo(key(1));
        applier.start(NONE);
        List<String> seen = new ArrayList<>();
        tables.scan(
            Table.SETTING,
            key(0),
            null,
            false,
            (key, _) -> {
              if (seen.isEmpty()) {
                device.applyShortage = false;
                Waiting.until("it is applied", () -> device.applied.get() > ROWS);
              }
              int before = looks.get();
              assertThat(tables.get(Table.SETTING, key)).isEqualTo(key);
              assertThat(looks).hasValue(before);
              seen.add(new String(key, StandardCharsets.UTF_8));
              return true;
            });
        assertThat(seen).hasSize(ROWS).doesNotHaveDuplicates();

        assertThat(tables.get(Table.SETTING, key(1))).isEqualTo(key(1));
      } finally {
        applier.end(() -> {});
      }
    }
  }

  private static RocksTables.Outlet outlet(Applier applier, AtomicInteger looks) {
    return new RocksTables.Outlet() {
      @Override
      public void write(byte[] batch) {
        applier.add(batch);
      }

      @Override
      public @Nullable Overlay await() {
        looks.incrementAndGet();
        return applier.bringUpToDate();
      }
    };
  }

  private static byte[] key(int n) {
    return Integer.toString(1_000 + n).getBytes(StandardCharsets.UTF_8);
  }
}
