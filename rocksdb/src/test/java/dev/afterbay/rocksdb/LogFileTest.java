package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.store.Tables.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/** What RocksDB writes into its log is read, whatever its size. */
class LogFileTest {

  /** What a record takes beside its value: its own header, the batch's, and those of the put. */
  private static final int AROUND_BYTES = 11 + 22 + 7;

  @TempDir Path directory;

  @Test
  void aRecordMayEndAnywhereInABlock() throws IOException, RocksDBException {
    Device device = Device.of(directory);
    List<Integer> sizes = new ArrayList<>();
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    Path path = directory.resolve("db");
    try (Database database = Database.open(path, Database.Access.CREATE, sizing, (_, _) -> {})) {
      for (int left = 0; left < 30; left++) {
        Path log = LogScan.files(path).getLast();
        long at = DataFiles.endOf(log) % LogFile.BLOCK_BYTES;
        long size = LogFile.BLOCK_BYTES - at - left - AROUND_BYTES;
        for (int value : new int[] {(int) Math.floorMod(size, (long) LogFile.BLOCK_BYTES), 100}) {
          Batch batch = new Batch();
          batch.put(database.family(Table.META), new byte[] {1}, new byte[value]);
          byte[] bytes = batch.take(0);
          device.write(database.rocks(), bytes);
          sizes.add(bytes.length);
        }
      }
      assertThat(read(path)).isEqualTo(sizes);
    }
  }

  private static List<Integer> read(Path database) throws IOException {
    List<Integer> sizes = new ArrayList<>();
    LogScan.Result result =
        LogScan.scan(
            database,
            (_, entry, _) -> {
              if (entry.count() > 0) {
                sizes.add(entry.bytes().length);
              }
            });
    assertThat(result.damage()).isEmpty();
    return sizes;
  }
}
