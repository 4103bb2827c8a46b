package dev.afterbay.rocksdb;

import dev.afterbay.ledger.TableView;
import dev.afterbay.rocksdb.JournalFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * What a journal holds beyond the tables, and whether anything of it is lost.
 *
 * <p>Commits are numbered without gaps, and the tables tell up to which one they have everything.
 * So all that counts is whether each one behind that is there. What is in tables already may be
 * missing or bad: nobody needs it. A bad record with nothing newer behind it is a write that was
 * torn: it was never acknowledged, or the {@link SyncMark} knows better. A record with a gap before
 * it is damage, with one exception: a loss of power may leave any part of what was written since
 * the last sync. So as long as nothing says that what is missing was synced, neither the mark nor a
 * record further on, the records behind it are what was left over, and count for nothing. Once
 * something does say so, they count: they were written behind what was synced.
 */
final class JournalScan {

  /** Instead of a number: the tables cannot tell. The first record counts then, whatever it is. */
  static final long UNKNOWN = -1;

  /** Sees the records that the tables lack, in their order, those behind damage included. */
  @FunctionalInterface
  interface Visitor {
    void entry(Entry entry);
  }

  /**
   * What is known before the journal is read.
   *
   * @param commit the number of the last commit that the tables have, or {@link #UNKNOWN}
   * @param sent the number of the last message that the tables have, or {@link #UNKNOWN}
   * @param marked the number of a commit up to which everything was synced
   */
  record Start(long commit, long sent, long marked) {
    static Start of(long commit) {
      return new Start(commit, UNKNOWN, 0);
    }

    static Start of(long commit, TableView tables, @Nullable Long marked) {
      return new Start(commit, JournalHead.sent(tables), marked == null ? 0 : marked);
    }
  }

  /**
   * A file of the journal.
   *
   * @param last the highest number in it; 0: there is none, or all of it is in tables
   * @param end where its records end; behind it is what was torn, or what it held before
   */
  record Scanned(Path path, long last, long end) {}

  /**
   * What was found.
   *
   * @param damage empty: none; where it begins, and which commits are lost
   * @param last the last commit before any damage; that of the tables, if there is none behind
   * @param files the oldest first
   */
  record Result(List<Damage> damage, long last, List<Scanned> files) {

    /** Refuses what does not reach a commit that was synced. */
    void check(Path folder, long marked) {
      if (last < marked) {
        Path file = files.isEmpty() ? folder : files.getLast().path;
        long end = files.isEmpty() ? Damage.UNKNOWN : files.getLast().end;
        String lost =
            "it ends with commit "
                + last
                + ", and all up to "
                + marked
                + " were synced: the messages that were sent with those, how many is not known";
        throw new StoreException.Damaged(new Damage(file, end, lost), null);
      }
    }
  }

  /** Nothing behind this commit is wanted. */
  private final long end;

  private final Visitor visitor;
  private final List<Damage> damage = new ArrayList<>();

  /** Where the first bad record is that is not known yet to be damage. */
  private @Nullable Damage open;

  private long expected;
  private long last;

  /** The number of a commit up to which everything is known to have been synced. */
  private long synced;

  /** The number of the last message before what is expected. */
  private long sent;

  /** The last record before what is expected; null: the tables have that. */
  private @Nullable Entry before;

  /** Whole records behind a bad one that is not known yet to be damage, in their order. */
  private final List<Found> leftOver = new ArrayList<>();

  private record Found(Path path, Entry entry) {}

  private JournalScan(Start start, long end, Visitor visitor) {
    this.end = end;
    this.visitor = visitor;
    this.expected = start.commit == UNKNOWN ? UNKNOWN : start.commit + 1;
    this.last = Math.max(0, start.commit);
    this.sent = start.sent;
    this.synced = start.marked;
  }

  static Result scan(Path folder, Start start, Visitor visitor) throws IOException {
    return scan(folder, start, Long.MAX_VALUE, visitor);
  }

  private static Result scan(Path folder, Start start, long end, Visitor visitor)
      throws IOException {
    long inTables = start.commit;
    JournalScan scan = new JournalScan(start, end, visitor);
    List<Scanned> files = new ArrayList<>();
    List<Path> paths = files(folder);
    int needed = firstNeeded(paths, inTables);
    for (Path path : paths.subList(0, needed)) {
      files.add(new Scanned(path, 0, Files.size(path)));
    }
    for (Path path : paths.subList(needed, paths.size())) {
      if (scan.expected <= end) {
        files.add(scan.file(path));
      }
    }
    return new Result(List.copyOf(scan.damage), scan.last, List.copyOf(files));
  }

  static Result scan(Path folder, Start start) throws IOException {
    return scan(folder, start, _ -> {});
  }

  /** Puts what the tables lack into them, also what is behind damage. */
  static void replay(Path folder, Start start, Database database, Device device)
      throws IOException {
    replay(folder, start, Long.MAX_VALUE, database, device);
  }

  /** As above, up to the number of a commit; more may be written behind it meanwhile. */
  static Result replay(Path folder, Start start, long end, Database database, Device device)
      throws IOException {
    return scan(
        folder,
        start,
        end,
        entry -> {
          try {
            device.apply(database.rocks(), entry.batch());
          } catch (RocksDBException e) {
            throw TablesFailed.writing(e);
          }
        });
  }

  /** The files of the journal, the oldest first. */
  static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(JournalFile::isOne)
          .sorted(Comparator.comparingLong(JournalFile::numberOf))
          .toList();
    }
  }

  /** All in a file is in tables if even the next one begins with what is; it need not be read. */
  private static int firstNeeded(List<Path> paths, long inTables) throws IOException {
    for (int i = paths.size() - 1; i > 0; i--) {
      long first = JournalFile.firstNumber(paths.get(i));
      if (first >= 0 && first <= inTables + 1) {
        return i;
      }
    }
    return 0;
  }

  private Scanned file(Path path) throws IOException {
    JournalFile file = JournalFile.read(path);
    long highest = 0;
    long fileEnd = 0;
    while (expected <= end) {
      Entry entry = file.next();
      if (entry == null && file.position() < file.size()) {
        found(new Damage(path, file.position(), ""));
        entry = file.resynchronize(expected);
      }
      if (entry == null) {
        break;
      }
      synced = Math.max(synced, entry.synced());
      acceptLeftOver(entry.number());
      if (isLeftOver(entry)) {
        leftOver.add(new Found(path, entry));
      } else {
        accept(path, entry);
        highest = Math.max(highest, entry.number());
        fileEnd = entry.end();
      }
    }
    return new Scanned(path, highest, fileEnd);
  }

  /** What is behind the records of a full file looks bad as well, so a later file counts. */
  private void found(Damage bad) {
    if (open == null || !open.file().equals(bad.file())) {
      open = bad;
    }
  }

  /** Whether it was written behind the bad record, but perhaps before that was synced. */
  private boolean isLeftOver(Entry entry) {
    return open != null && entry.number() > expected && synced < expected;
  }

  /** Takes those before a commit that count, now that more is known to have been synced. */
  private void acceptLeftOver(long before) {
    while (!leftOver.isEmpty()) {
      Found first = leftOver.getFirst();
      if (first.entry.number() >= before || isLeftOver(first.entry)) {
        return;
      }
      leftOver.removeFirst();
      accept(first.path, first.entry);
    }
  }

  private void accept(Path path, Entry entry) {
    if (expected != UNKNOWN && entry.number() < expected) {
      return;
    }
    if (expected != UNKNOWN && entry.number() > expected) {
      Damage at = open != null ? open : new Damage(path, entry.offset(), "");
      damage.add(new Damage(at.file(), at.offset(), lost(entry)));
    }
    open = null;
    expected = entry.number() + 1;
    before = entry;
    if (damage.isEmpty()) {
      last = entry.number();
    }
    visitor.entry(entry);
  }

  /** What is lost before a record, in words. */
  private String lost(Entry next) {
    String commits = "commits " + expected + " to " + (next.number() - 1) + " are lost: ";
    long from = before == null ? sent : JournalHead.sentAfter(before.batch());
    long to = JournalHead.sentBefore(next.batch());
    if (from == UNKNOWN || to < from) {
      return commits + "the messages that were sent with them, how many is not known";
    }
    if (to == from) {
      return commits + "no message, but what became of some, which are delivered again";
    }
    return commits
        + (to - from)
        + (to - from == 1 ? " message that was sent" : " messages that were sent");
  }
}
