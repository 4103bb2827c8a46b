package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** A manifest of RocksDB's own, of several blocks, with a record that goes from one to the next. */
class ManifestCheckTest {

  private static final int BLOCKS = 3;
  private static final int BLOCK_BYTES = 32 << 10;

  /** No more than 6 bytes at the end of each block are no record's. */
  private static final int TRAILER_BYTES_MAX = 6;

  @TempDir Path directory;

  private Path manifest;
  private long bytes;

  @BeforeEach
  void write() throws IOException, RocksDBException {
    NativeLibrary.ensureLoaded();
    byte[] key = new byte[2_000];
    try (Options options = new Options().setCreateIfMissing(true);
        FlushOptions flush = new FlushOptions();
        RocksDB rocks = RocksDB.open(options, directory.toString())) {
      rocks.disableFileDeletions();
      for (int i = 0; bytes < BLOCKS * BLOCK_BYTES; i++) {
        key[0] = (byte) i;
        rocks.put(key, key);
        rocks.flush(flush);
        RocksDB.LiveFiles live = rocks.getLiveFiles(false);
        bytes = live.manifestFileSize;
        manifest =
            live.files.stream()
                .filter(name -> name.startsWith("/MANIFEST"))
                .map(name -> directory.resolve(name.substring(1)))
                .findFirst()
                .orElseThrow();
      }
    }
  }

  @Test
  void aWholeOneIsSound() throws IOException {
    ManifestCheck.check(manifest, manifest, bytes);
    Files.write(manifest, new byte[100], StandardOpenOption.APPEND);
    ManifestCheck.check(manifest, manifest, bytes);
  }

  @Test
  void aByteThatIsNotAsItWasWrittenIsFound() throws IOException {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    byte[] whole = Files.readAllBytes(manifest);
    for (int i = 0; i < 300; i++) {
      int at = random.nextInt((int) bytes);
      if (at % BLOCK_BYTES < BLOCK_BYTES - TRAILER_BYTES_MAX) {
        byte[] rotten = whole.clone();
        rotten[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(manifest, rotten);
        assertThatThrownBy(() -> ManifestCheck.check(manifest, manifest, bytes))
            .as("seed " + seed + ", offset " + at)
            .isInstanceOf(StoreException.Damaged.class)
            .hasMessageContaining(manifest.toString());
      }
    }
  }

  @Test
  void oneThatIsShorterIsFound() throws IOException {
    DataFiles.cut(manifest, bytes - 1);
    assertThatThrownBy(() -> ManifestCheck.check(manifest, manifest, bytes))
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining("it is shorter than it was");
  }
}
