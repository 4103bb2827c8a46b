package dev.afterbay.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.ledger.Tables.Table;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that are read before they are asked for are those that are there. */
@Timeout(60)
final class ReadAheadTest {

  @TempDir Path directory;

  private Database database;
  private RocksTables tables;

  @BeforeEach
  void open() throws Exception {
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, Long.MAX_VALUE);
    database = Database.open(directory.resolve("db"), Database.Access.CREATE, sizing);
    tables = RocksTables.direct(database, Device.of(directory));
  }

  @AfterEach
  void close() {
    tables.close();
    database.close();
  }

  @Test
  void whatWasExpectedWhatWasNotAndWhatIsNotThereComeInTheirOrder() {
    put(1, "one");
    put(2, "two");
    put(3, "three");
    tables.write();
    tables.expectBodies(keys(1, 3, 4));

    assertThat(texts(keys(3, 4, 2, 1))).containsExactly("three", null, "two", "one");
    assertThat(texts(keys(1, 2, 3))).containsExactly("one", "two", "three");
  }

  @Test
  void whatStandsAmongManyOthersIsRead() {
    for (int n = 0; n < 100; n++) {
      put(n, "of " + n);
    }
    tables.write();
    tables.expectBodies(keys(70, 10, 11, 40, 12));

    assertThat(texts(keys(10, 11, 12, 40, 70)))
        .containsExactly("of 10", "of 11", "of 12", "of 40", "of 70");
  }

  @Test
  void aBodyThatWasPutAnewSinceIsTheNewOne() {
    put(1, "old");
    put(2, "other");
    tables.write();
    tables.expectBodies(keys(1));
    tables.expectBodies(keys(2));
    assertThat(texts(keys(2))).containsExactly("other"); // so the first was read, too

    tables.delete(Table.BODY, key(1));
    put(1, "new");
    tables.write();

    assertThat(texts(keys(1))).containsExactly("new");
  }

  @Test
  void whatIsWrittenLaterThanItIsExpectedIsSeen() {
    tables.expectBodies(keys(1));
    tables.expectBodies(keys(2));
    assertThat(texts(keys(2))).containsExactly((String) null);
    put(1, "late");
    tables.write();

    assertThat(texts(keys(1))).containsExactly("late");
  }

  @Test
  void someAreReadUpToALimitInBytesAndAtLeastOne() {
    for (int n = 0; n < 20; n++) {
      tables.put(Table.BODY, key(n), new byte[n < 5 ? 10 : 100_000]);
    }
    tables.write();
    List<byte[]> keys = keys(IntStream.range(0, 20).toArray());

    assertThat(tables.getSome(Table.BODY, keys, 350_000)).hasSizeBetween(6, 9);
    assertThat(tables.getSome(Table.BODY, keys.subList(5, 20), 1)).hasSize(1);
    assertThat(tables.getSome(Table.BODY, keys, 10_000_000)).hasSize(20);
    assertThat(tables.getSome(Table.BODY, keys(77, 1), 1)).containsExactly((byte[]) null);
  }

  @Test
  void moreThanIsReadAheadIsReadAllTheSame() {
    byte[] large = new byte[100_000];
    int count = 300;
    for (int n = 0; n < count; n++) {
      Arrays.fill(large, (byte) n);
      tables.put(Table.BODY, key(n), large.clone());
      tables.write();
    }
    for (int n = 0; n < count; n += 30) {
      tables.expectBodies(keys(IntStream.range(n, n + 30).toArray()));
    }

    List<byte[]> bodies = bodies(keys(IntStream.range(0, count).toArray()));

    for (int n = 0; n < count; n++) {
      Arrays.fill(large, (byte) n);
      assertThat(bodies.get(n)).isEqualTo(large);
    }
  }

  private void put(int number, String text) {
    tables.put(Table.BODY, key(number), text.getBytes(UTF_8));
  }

  private List<String> texts(List<byte[]> keys) {
    return bodies(keys).stream()
        .map(body -> body == null ? null : new String(body, UTF_8))
        .toList();
  }

  private List<byte[]> bodies(List<byte[]> keys) {
    List<byte[]> bodies = new ArrayList<>();
    while (bodies.size() < keys.size()) {
      List<byte[]> rest = keys.subList(bodies.size(), keys.size());
      bodies.addAll(tables.getSome(Table.BODY, rest, 1 << 20));
    }
    return bodies;
  }

  private static List<byte[]> keys(int... numbers) {
    return Arrays.stream(numbers).mapToObj(ReadAheadTest::key).toList();
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(16).putInt(12, number).array();
  }
}
