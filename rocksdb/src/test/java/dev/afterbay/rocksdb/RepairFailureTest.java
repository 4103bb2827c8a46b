package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A repair that comes to no end, as the disk of the new directory is full or broken, changes
 * nothing in the old one, and nothing takes the new one for a whole one.
 */
class RepairFailureTest {

  private static final int MESSAGES = 300;

  @TempDir Path directory;

  private Path from;
  private Path to;

  @BeforeEach
  void fill() {
    from = directory.resolve("from");
    to = directory.resolve("to");
    try (RocksStore store = RocksStore.open(from, SETTINGS)) {
      for (int i = 0; i < MESSAGES; i++) {
        TestStores.send(store, i);
      }
    }
  }

  @Test
  void aWriteThatFailsIsTold() throws IOException {
    assertFails(device -> device.failApplies = true, "injected: apply");
  }

  @Test
  void aFileThatCannotBeCopiedIsTold() throws IOException {
    Files.createSymbolicLink(from.resolve("db/MANIFEST-999999"), Path.of("nowhere"));

    assertFails(_ -> {}, "MANIFEST-999999");
  }

  @Test
  void whatCannotBeWrittenIsNoDamageOfWhatIsRead() throws IOException {
    DataFiles.flush(from);
    Files.delete(DataFiles.named(from, "MANIFEST-", ""));

    assertFails(device -> device.failNextApply.set(true), "injected: apply");
  }

  @Test
  void aCopyThatCannotBeFilledIsClosed() throws Exception {
    Path log = DataFiles.log(from);
    DataFiles.flip(log, Files.size(log) / 2, 200);

    assertFails(device -> device.failApplies = true, "injected: apply");

    Path copy = to.resolve("repair/copy");
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    // RocksDB's lock is free again.
    Database.open(copy, Database.Access.SALVAGE, sizing).close();
  }

  @Test
  void aRepairOfWhatIsInUseOrNotThereLeavesNothingThatIsServed() {
    try (RocksStore store = RocksStore.open(from, SETTINGS)) {
      assertThat(store.failure()).isNull();
      assertThatThrownBy(() -> Repair.repair(from, to)).isInstanceOf(StoreException.InUse.class);
    }
    assertThatThrownBy(() -> RocksStore.open(to, SETTINGS))
        .isInstanceOf(StoreException.Incomplete.class);

    Path other = to.resolveSibling("other");
    assertThatThrownBy(() -> Repair.repair(from.resolveSibling("none"), other))
        .isInstanceOf(StoreException.Unusable.class);
    assertThatThrownBy(() -> RocksStore.open(other, SETTINGS))
        .isInstanceOf(StoreException.Incomplete.class);
  }

  private void assertFails(Consumer<FaultyDevice> fault, String reason) throws IOException {
    Map<String, Long> before = DataFiles.checksums(from);

    assertThatThrownBy(() -> Repair.repair(from, to, device -> faulty(device, fault)))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageStartingWith(to + " cannot be used: what was saved into it is not complete")
        .hasMessageContaining(reason)
        .hasMessageEndingWith(from + " was not changed");

    assertThat(DataFiles.checksums(from)).isEqualTo(before);
    assertThatThrownBy(() -> RocksStore.open(to, SETTINGS))
        .isInstanceOf(StoreException.Incomplete.class)
        .hasMessageContaining("run `afterbay repair` again");
    assertThatThrownBy(() -> Verification.verify(to)).isInstanceOf(StoreException.class);
  }

  private static Device faulty(Device device, Consumer<FaultyDevice> fault) {
    FaultyDevice faulty = new FaultyDevice(device);
    fault.accept(faulty);
    return faulty;
  }
}
