package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** The net changes of batches do to RocksDB what all of their changes would have done. */
final class CoalescedBatchTest {

  private static final int KEYS = 12;

  @TempDir Path directory;

  private Side oneByOne;
  private Side together;

  /** A database with a family whose keys are put once until they are deleted, and one of others. */
  private static final class Side implements AutoCloseable {
    private final Options options = new Options().setCreateIfMissing(true);
    private final RocksDB rocks;
    private final ColumnFamilyHandle once;
    private final ColumnFamilyHandle often;

    Side(Path path) throws RocksDBException {
      rocks = RocksDB.open(options, path.toString());
      once = rocks.createColumnFamily(new ColumnFamilyDescriptor(new byte[] {'a'}));
      often = rocks.createColumnFamily(new ColumnFamilyDescriptor(new byte[] {'b'}));
    }

    void apply(byte[] batch) throws RocksDBException {
      try (WriteOptions writing = new WriteOptions();
          WriteBatch whole = new WriteBatch(batch)) {
        rocks.write(writing, whole);
      }
    }

    List<String> rows() {
      List<String> rows = new ArrayList<>();
      for (ColumnFamilyHandle family : List.of(once, often)) {
        try (RocksIterator entries = rocks.newIterator(family)) {
          for (entries.seekToFirst(); entries.isValid(); entries.next()) {
            rows.add(family.getID() + " " + text(entries.key()) + " " + text(entries.value()));
          }
        }
      }
      return rows;
    }

    @Override
    public void close() {
      once.close();
      often.close();
      rocks.close();
      options.close();
    }
  }

  @BeforeEach
  void open() throws RocksDBException {
    NativeLibrary.ensureLoaded();
    oneByOne = new Side(directory.resolve("one"));
    together = new Side(directory.resolve("together"));
  }

  @AfterEach
  void close() {
    oneByOne.close();
    together.close();
  }

  @RepeatedTest(20)
  void comesToTheSameRows() throws RocksDBException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Set<Integer> there = new HashSet<>();
    List<byte[]> batches = new ArrayList<>();
    for (int step = 0; step < 200; step++) {
      byte[] batch = randomBatch(random, there);
      oneByOne.apply(batch);
      batches.add(batch);
      if (random.nextInt(8) == 0) {
        together.apply(CoalescedBatch.of(batches));
        batches.clear();
        assertThat(together.rows()).as("seed " + seed).isEqualTo(oneByOne.rows());
      }
    }
  }

  @Test
  void ofARowThatCameAndWentNothingIsLeft() {
    Batch batch = new Batch();
    batch.put(1, key(1), new byte[1_000]);
    byte[] put = batch.take();
    batch.singleDelete(1, key(1));
    byte[] deletion = batch.take();

    assertThat(CoalescedBatch.of(List.of(put, deletion))).hasSize(Batch.HEADER_BYTES);
  }

  private byte[] randomBatch(Random random, Set<Integer> there) {
    Batch batch = new Batch();
    for (int change = random.nextInt(6); change >= 0; change--) {
      int number = random.nextInt(KEYS);
      byte[] value = new byte[random.nextInt(300)];
      random.nextBytes(value);
      switch (random.nextInt(4)) {
        case 0 -> batch.put(oneByOne.often.getID(), key(number), value);
        case 1 -> batch.delete(oneByOne.often.getID(), key(number));
        default -> {
          if (there.add(number)) {
            batch.put(oneByOne.once.getID(), key(number), value);
          } else {
            there.remove(number);
            batch.singleDelete(oneByOne.once.getID(), key(number));
          }
        }
      }
    }
    return batch.take();
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
