package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** A batch is what RocksDB would have made of the same changes, byte by byte. */
final class BatchTest {

  /** Where a length takes a byte more, and some others. */
  private static final int[] SIZES = {0, 1, 127, 128, 1_024, 16_383, 16_384, 2_097_152};

  @TempDir Path directory;

  @BeforeAll
  static void load() {
    NativeLibrary.ensureLoaded();
  }

  @Test
  void isWhatRocksDbMakes() throws RocksDBException {
    Random random = new Random(1);
    Batch ours = new Batch();
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB rocks = RocksDB.open(options, directory.toString());
        ColumnFamilyHandle family =
            rocks.createColumnFamily(new ColumnFamilyDescriptor(new byte[] {'a'}));
        WriteBatch theirs = new WriteBatch()) {
      for (int size : SIZES) {
        byte[] key = bytes(random, 1 + size % 300);
        byte[] value = bytes(random, size);
        ours.put(family.getID(), key, value);
        theirs.put(family, key, value);
        ours.delete(family.getID(), key);
        theirs.delete(family, key);
        ours.singleDelete(family.getID(), value);
        theirs.singleDelete(family, value);
      }

      assertThat(ours.size()).isEqualTo(theirs.data().length);
      assertThat(ours.take()).isEqualTo(theirs.data());
    }
  }

  @Test
  void itsChangesMakeTheSameBatchAgain() {
    Random random = new Random(2);
    Batch batch = new Batch();
    for (int size : SIZES) {
      batch.put(1, bytes(random, 1 + size % 300), bytes(random, size));
      batch.delete(300, bytes(random, size));
      batch.singleDelete(2, bytes(random, size));
    }
    byte[] whole = batch.take();
    List<Batch.Change> changes = new ArrayList<>();
    Batch.each(whole, changes::add);

    assertThat(changes).hasSize(3 * SIZES.length);
    assertThat(Batch.of(changes)).isEqualTo(whole);
  }

  @Test
  void changesAreEqualIfTheyAreOfTheSameRow() {
    Batch batch = new Batch();
    batch.put(1, new byte[] {1}, new byte[] {1});
    batch.singleDelete(1, new byte[] {1});
    batch.put(1, new byte[] {2}, new byte[] {1});
    batch.put(2, new byte[] {1}, new byte[] {1});
    List<Batch.Change> changes = new ArrayList<>();
    Batch.each(batch.take(), changes::add);

    assertThat(changes.get(0)).isEqualTo(changes.get(1)).hasSameHashCodeAs(changes.get(1));
    assertThat(changes.get(0)).isEqualByComparingTo(changes.get(1));
    assertThat(changes.get(0)).isLessThan(changes.get(2)).isLessThan(changes.get(3));
    assertThat(changes.get(0)).isNotEqualTo(changes.get(2)).isNotEqualTo(changes.get(3));
    assertThat(changes.stream().map(Batch.Change::isSingleDeletion))
        .containsExactly(false, true, false, false);
  }

  @Test
  void theNextOneBeginsEmpty() {
    Batch batch = new Batch();
    assertThat(batch.isEmpty()).isTrue();
    batch.put(1, new byte[] {1}, new byte[3 << 20]);
    byte[] first = batch.take();

    assertThat(batch.isEmpty()).isTrue();
    assertThat(batch.take()).hasSizeLessThan(30);
    assertThat(first).hasSizeGreaterThan(3 << 20);
  }

  private static byte[] bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }
}
