package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** A listing that fails: whose fault it is that others can go on, and who is told. */
@Timeout(60)
final class SnapshotReaderTest {

  private final StoreFailure failure = new StoreFailure();

  @TempDir private Path directory;

  /** Whatever is made of it throws the same again. */
  private static final class NoMemory extends OutOfMemoryError {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new OutOfMemoryError("injected: there is no memory for the handler either");
    }
  }

  @Test
  void whoseListingEndsTheHeapIsToldAndOthersGoOn() throws Exception {
    with((reader, _) -> {
      assertThatThrownBy(() ->
              reader.read(_ -> {
                throw new NoMemory();
              }))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("memory");
      assertThat(failure.reason()).isNull();
      assertThat(reader.<String>read(_ -> "read")).isEqualTo("read");
    });
  }

  @Test
  void whoseListingFindsNoDescriptorIsToldAndTheStoreGoesOn() throws Exception {
    with((reader, database) -> {
      assertThatThrownBy(() -> reader.read(_ -> fails(database, "x.sst: Too many open files")))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("Too many open files");
      assertThat(failure.reason()).isNull();
      assertThat(reader.<String>read(_ -> "read")).isEqualTo("read");
    });
  }

  @Test
  void aTableThatCannotBeReadStopsTheStore() throws Exception {
    with((reader, database) -> {
      assertThatThrownBy(() -> reader.read(_ -> fails(database, "x.sst: Input/output error")))
          .isInstanceOf(BrokerException.Unavailable.class);
      assertThat(failure.reason()).contains("a table cannot be read", "Input/output error");
    });
  }

  private static Object fails(Database database, String reason) {
    throw TablesFailed.reading(
        database,
        new RocksDBException(
            reason, new Status(Status.Code.IOError, Status.SubCode.None, "injected")));
  }

  private interface Use {
    void with(SnapshotReader reader, Database database);
  }

  private void with(Use use) throws Exception {
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    Device device = Device.of(directory);
    try (Database database =
        Database.open(directory.resolve("db"), Database.Access.CREATE, sizing)) {
      Applier applier = new Applier(database, device, failure, 1 << 20, (_, _) -> false);
      SnapshotReader reader = new SnapshotReader(applier, failure);
      use.with(reader, database);
      reader.end();
    }
  }
}
