package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.TableView;
import dev.afterbay.ledger.Tables.Table;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * Reads what can be read of a database, and remembers what could not. A value in a damaged block
 * counts as missing, and a scan goes on behind the block.
 *
 * <p>Where the block ends is not told. Keys are taken as numbers, and the smallest key from which
 * reading works again is searched: with doubling steps, then by halving.
 */
final class SalvageView implements TableView {

  /** Of a key, to find the end of a block; ids have 16. */
  private static final int PRECISION_BYTES = 64;

  private final Database database;
  private final Path path;
  private final Map<String, Damage> damage = new LinkedHashMap<>();

  SalvageView(Database database, Path path) {
    this.database = database;
    this.path = path;
  }

  /** What could not be read so far, once for each place. */
  List<Damage> damage() {
    return List.copyOf(damage.values());
  }

  /** Whether there is no file that cannot even be opened: then nothing of its table can be read. */
  boolean isUsable() {
    byte[] end = new byte[PRECISION_BYTES];
    Arrays.fill(end, (byte) 0xff);
    for (Table table : Table.values()) {
      try (RocksIterator entries = database.rocks().newIterator(database.handle(table))) {
        if (!isReadable(entries, new BigInteger(1, end), end.length)) {
          return false;
        }
      }
    }
    return true;
  }

  /** The number of the last commit that is in the tables, if that can be read. */
  long commitNumber() {
    long number = Ledger.commitNumber(this);
    return number == 0 && !damage.isEmpty() ? JournalScan.UNKNOWN : number;
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    try {
      return database.rocks().get(database.handle(table), key);
    } catch (RocksDBException e) {
      note(e);
      return null;
    }
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    if (backwards) {
      throw new IllegalArgumentException("only forwards");
    }
    byte @Nullable [] next = from;
    while (next != null) {
      next = scan(table, next, to, visitor);
    }
  }

  /** Answers where to go on; null: at the end. */
  private byte @Nullable [] scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
    try (Slice upper = new Slice(to == null ? new byte[0] : to);
        ReadOptions options = new ReadOptions()) {
      if (to != null) {
        options.setIterateUpperBound(upper);
      }
      try (RocksIterator entries = database.rocks().newIterator(database.handle(table), options)) {
        byte[] last = from;
        for (entries.seek(from); entries.isValid(); entries.next()) {
          last = entries.key();
          if (!visitor.visit(last, entries.value())) {
            return null;
          }
        }
        try {
          entries.status();
          return null;
        } catch (RocksDBException e) {
          note(e);
          return behind(entries, last);
        }
      }
    }
  }

  private byte @Nullable [] behind(RocksIterator entries, byte[] last) {
    // At least one byte more than the key, so that the next key is the next number.
    int width = Math.max(last.length + 1, PRECISION_BYTES);
    BigInteger start = new BigInteger(1, Arrays.copyOf(last, width));
    BigInteger end = BigInteger.ONE.shiftLeft(8 * width);
    BigInteger bad = start;
    BigInteger step = BigInteger.ONE;
    BigInteger good = start.add(step);
    while (!isReadable(entries, good, width)) {
      bad = good;
      step = step.shiftLeft(1);
      good = start.add(step);
      if (good.compareTo(end) >= 0) {
        return null;
      }
    }
    while (good.subtract(bad).compareTo(BigInteger.ONE) > 0) {
      BigInteger middle = good.add(bad).shiftRight(1);
      if (isReadable(entries, middle, width)) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return bytes(good, width);
  }

  private static boolean isReadable(RocksIterator entries, BigInteger key, int width) {
    entries.seek(bytes(key, width));
    try {
      entries.status();
      return true;
    } catch (RocksDBException _) {
      return false;
    }
  }

  private static byte[] bytes(BigInteger key, int width) {
    byte[] bytes = key.toByteArray();
    byte[] padded = new byte[width];
    int length = Math.min(bytes.length, width);
    System.arraycopy(bytes, bytes.length - length, padded, width - length, length);
    return padded;
  }

  private void note(RocksDBException e) {
    Damage found = DamagedFile.named(path, String.valueOf(e.getMessage()));
    damage.putIfAbsent(found.file() + "@" + found.offset(), found);
  }
}
