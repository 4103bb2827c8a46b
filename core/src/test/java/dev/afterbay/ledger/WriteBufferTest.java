package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.ledger.Tables.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;

/** A group reads as if all that it did were written already. */
class WriteBufferTest {

  private static final int KEYS = 10;

  private final WriteBuffer group = new WriteBuffer(new MemoryTables());
  private final TreeMap<Integer, Integer> expected = new TreeMap<>();

  @RepeatedTest(50)
  void readsWhatWasWrittenAndWhatItDidSince() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int step = 0; step < 100; step++) {
      change(random);
      if (random.nextInt(8) == 0) {
        group.write();
      }
      int from = random.nextInt(KEYS);
      int to = from + random.nextInt(KEYS);
      assertThat(scan(from, to, false, KEYS)).as("seed " + seed).isEqualTo(rows(from, to));
      assertThat(scan(from, to, true, KEYS))
          .as("seed " + seed)
          .isEqualTo(rows(from, to).reversed());
      int max = random.nextInt(1, KEYS);
      assertThat(scan(from, to, false, max))
          .as("seed " + seed)
          .isEqualTo(rows(from, to).stream().limit(max).toList());
    }
  }

  private void change(Random random) {
    int key = random.nextInt(KEYS);
    int value = random.nextInt(100);
    if (random.nextBoolean()) {
      group.put(Table.READY, bytes(key), bytes(value));
      expected.put(key, value);
    } else {
      group.delete(Table.READY, bytes(key));
      expected.remove(key);
    }
  }

  private List<String> scan(int from, int to, boolean backwards, int max) {
    List<String> rows = new ArrayList<>();
    group.scan(
        Table.READY,
        bytes(from),
        bytes(to),
        backwards,
        (key, value) -> {
          rows.add(key[0] + " " + value[0]);
          return rows.size() < max;
        });
    return rows;
  }

  private List<String> rows(int from, int to) {
    return expected.subMap(from, to).entrySet().stream()
        .map(row -> row.getKey() + " " + row.getValue())
        .toList();
  }

  private static byte[] bytes(int number) {
    return new byte[] {(byte) number};
  }
}
