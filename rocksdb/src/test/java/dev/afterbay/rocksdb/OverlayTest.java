package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.ledger.Tables.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** What is read over the tables is what the tables will have. */
class OverlayTest {

  private static final int KEYS = 40;
  private static final Table[] TABLES = {Table.SETTING, Table.KEY};

  @TempDir Path directory;

  private final Map<Table, NavigableMap<byte[], byte[]>> expected = new TreeMap<>();

  @RepeatedTest(20)
  void readsAreThoseOfTheTablesOnceTheyTakeIt() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    System.out.println("seed " + seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    Device device = Device.of(directory);
    for (Table table : TABLES) {
      expected.put(table, new TreeMap<>(Arrays::compareUnsigned));
    }
    try (Database database =
            Database.open(directory.resolve("db"), Database.Access.CREATE, sizing);
        Overlay overlay = new Overlay(database);
        RocksView view = RocksView.latest(database)) {
      view.overlay(overlay);
      List<byte[]> waiting = new ArrayList<>();
      for (int step = 0; step < 30; step++) {
        for (int n = random.nextInt(3); n >= 0; n--) {
          waiting.add(batch(database, random));
        }
        for (int n = random.nextInt(waiting.size() + 1); random.nextInt(3) == 0 && n > 0; n--) {
          device.apply(database.rocks(), waiting.removeFirst());
        }
        overlay.add(waiting);
        for (Table table : TABLES) {
          check(view, table, random);
        }
      }
    }
  }

  private byte[] batch(Database database, RandomGenerator random) {
    Batch batch = new Batch();
    for (int n = random.nextInt(1, 5); n > 0; n--) {
      Table table = TABLES[random.nextInt(TABLES.length)];
      byte[] key = key(random);
      if (random.nextInt(3) > 0) {
        byte[] value = {(byte) random.nextInt(), 1};
        batch.put(database.family(table), key, value);
        expected(table).put(key, value);
      } else {
        batch.delete(database.family(table), key);
        expected(table).remove(key);
      }
    }
    return batch.take();
  }

  private void check(RocksView view, Table table, RandomGenerator random) {
    List<byte[]> keys = new ArrayList<>();
    List<byte @Nullable []> values = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      keys.add(key(random));
      values.add(expected(table).get(keys.getLast()));
    }
    assertThat(view.get(table, keys.getFirst())).isEqualTo(values.getFirst());
    assertThat(told(view.getSome(table, keys, 1 << 20))).isEqualTo(told(values));
    byte[] from = key(random);
    byte[] to = random.nextInt(4) == 0 ? null : key(random);
    if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
      return;
    }
    NavigableMap<byte[], byte[]> range = expected(table).tailMap(from, true);
    range = to == null ? range : range.headMap(to, false);
    List<byte[]> forwards = new ArrayList<>();
    range.forEach((key, value) -> Collections.addAll(forwards, key, value));
    List<byte[]> backwards = new ArrayList<>();
    range.descendingMap().forEach((key, value) -> Collections.addAll(backwards, key, value));
    assertThat(told(scanned(view, table, from, to, false))).isEqualTo(told(forwards));
    assertThat(told(scanned(view, table, from, to, true))).isEqualTo(told(backwards));
  }

  private static List<byte[]> scanned(
      RocksView view, Table table, byte[] from, byte @Nullable [] to, boolean backwards) {
    List<byte[]> seen = new ArrayList<>();
    view.scan(table, from, to, backwards, (key, value) -> Collections.addAll(seen, key, value));
    return seen;
  }

  private NavigableMap<byte[], byte[]> expected(Table table) {
    return Objects.requireNonNull(expected.get(table));
  }

  private static byte[] key(RandomGenerator random) {
    byte[] key = new byte[1 + random.nextInt(2)];
    Arrays.fill(key, (byte) (100 + random.nextInt(KEYS)));
    return key;
  }

  private static List<String> told(List<byte @Nullable []> all) {
    return all.stream().map(Arrays::toString).toList();
  }
}
