package dev.afterbay.rocksdb;

import dev.afterbay.rocksdb.LogFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells a log that was cut off by the end of a process from one that is damaged.
 *
 * <p>Every batch carries its sequence number and how many it takes, and one writer gives them
 * without gaps. A bad record with nothing newer behind it is a write that was torn: it was never
 * acknowledged, or the {@link Mark} knows better. A bad record followed by a newer batch, in its
 * file or in a later one, is damage, with two exceptions. If the newer batch goes on exactly where
 * the good ones ended, the bad record was a torn write already when the store was opened after it.
 * And a loss of power may leave any part of what was written since the last sync: so if the newer
 * batch itself says that the bad record was not synced when it was made, it is a left-over, which
 * RocksDB does not bring back either. A gap between good batches is damage too: a block or a file
 * is missing. (If the very first record of the oldest file is bad, there is nothing to go on from;
 * then it was torn if that is how the file looks.)
 */
final class LogScan {

  /** Sees the good batches in their order, those behind damage included. */
  @FunctionalInterface
  interface Visitor {
    void batch(Path file, Entry batch, boolean behindDamage);
  }

  private final Visitor visitor;
  private final List<Damage> damage = new ArrayList<>();

  /** Where the first bad record is that is not known yet to be damage. */
  private @Nullable Damage open;

  private long expected = -1;
  private long next = -1;

  private LogScan(Visitor visitor) {
    this.visitor = visitor;
  }

  /**
   * What the log of a database holds.
   *
   * @param damage empty: none; where it begins, and the first and last sequence number lost
   * @param next the number after the last batch before any damage; -1: there is no batch
   * @param end where a log that is too short ends
   */
  record Result(List<Damage> damage, long next, Damage end) {

    /** Refuses a log that does not reach what was synced. */
    void check(long marked, long found) {
      if (found < marked) {
        String lost = end.lost() + found + ", and changes up to " + marked + " had been synced";
        throw new StoreException.Damaged(new Damage(end.file(), end.offset(), lost), null);
      }
    }
  }

  static Result scan(Path database, Visitor visitor) throws IOException {
    LogScan scan = new LogScan(visitor);
    Damage end = new Damage(database, Damage.UNKNOWN, "the log ends with change ");
    for (Path file : files(database)) {
      scan.file(file);
      end = new Damage(file, Files.size(file), end.lost());
    }
    return new Result(List.copyOf(scan.damage), scan.next, end);
  }

  static Result scan(Path database) throws IOException {
    return scan(database, (_, _, _) -> {});
  }

  /** The files of the log that still matter, the oldest first. */
  static List<Path> files(Path database) throws IOException {
    if (!Files.isDirectory(database)) {
      return List.of();
    }
    long first = Manifest.firstLog(database);
    try (Stream<Path> files = Files.list(database)) {
      return files
          .filter(file -> file.getFileName().toString().matches("\\d+\\.log"))
          .filter(file -> LogFile.numberOf(file) >= first)
          .sorted(Comparator.comparingLong(LogFile::numberOf))
          .toList();
    }
  }

  private void file(Path path) throws IOException {
    try (LogFile file = new LogFile(path)) {
      boolean torn = false;
      while (true) {
        Entry batch = torn ? file.resynchronize(Math.max(0, expected)) : file.next();
        if (batch != null) {
          if (!isLeftOver(batch)) {
            accept(path, batch, torn);
          }
          torn = false;
        } else if (torn || file.position() >= file.size()) {
          return;
        } else {
          torn = true;
          boolean harmless = file.position() == 0 && expected < 0 && file.endsHere();
          if (open == null && !harmless) {
            open = new Damage(path, file.position(), "");
          }
        }
      }
    }
  }

  /** Whether it was written behind the bad record, but before that was synced. */
  private boolean isLeftOver(Entry batch) {
    return open != null
        && expected >= 0
        && batch.sequence() > expected
        && batch.synced() < expected;
  }

  private void accept(Path path, Entry batch, boolean resynchronized) {
    // An empty batch, which RocksDB writes at the start of a log, tells nothing.
    boolean first = expected < 0;
    boolean continues = first || batch.count() == 0 || batch.sequence() == expected;
    boolean newer = first || batch.sequence() >= expected;
    if (newer && (resynchronized || !continues || (open != null && first))) {
      Damage at = open != null ? open : new Damage(path, batch.offset(), "");
      damage.add(
          new Damage(
              at.file(),
              at.offset(),
              "changes "
                  + Math.max(0, expected)
                  + " to "
                  + (batch.sequence() - 1)
                  + " of the log are lost"));
    }
    open = null;
    if (batch.count() > 0) {
      expected = Math.max(expected, batch.next());
    }
    if (damage.isEmpty() && batch.count() > 0) {
      next = expected;
    }
    visitor.batch(path, batch, !damage.isEmpty());
  }
}
