package dev.afterbay.ledger;

import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import java.util.UUID;

/**
 * What a ledger must know to go on where it was.
 *
 * @param epoch raised at each open
 * @param tick the store's tick at the last write
 * @param seq the last sequence number that was given
 * @param commitNumber of the last batch
 * @param highest no job with a greater id was ever stored
 */
record LedgerHead(long epoch, long tick, long seq, long commitNumber, JobId highest) {

  static final LedgerHead FIRST = new LedgerHead(0, 0, 0, 0, new JobId(new UUID(0, 0)));

  static LedgerHead read(TableView tables) {
    byte[] bytes = tables.get(Tables.Table.META, Keys.HEAD);
    if (bytes == null) {
      return FIRST;
    }
    int version = new RowReader(bytes).int8();
    if (version != RowFormat.VERSION) {
      throw new BrokerException.Unavailable(
          "the store has format "
              + version
              + ", this program reads format "
              + RowFormat.VERSION
              + (version > RowFormat.VERSION
                  ? ": run the version that wrote it"
                  : ": drain it with the version of Afterbay that wrote it"));
    }
    return of(bytes);
  }

  /**
   * The number of the last batch, whatever the format: below a journal whose batches have the head
   * of this one, the tables of a directory that was upgraded may have that of format 3.
   */
  static long commitNumber(TableView tables) {
    byte[] bytes = tables.get(Tables.Table.META, Keys.HEAD);
    return bytes == null ? FIRST.commitNumber : of(bytes).commitNumber;
  }

  private static LedgerHead of(byte[] bytes) {
    RowReader in = new RowReader(bytes);
    in.int8();
    return new LedgerHead(in.int64(), in.int64(), in.int64(), in.int64(), new JobId(in.uuid()));
  }

  /** The same in a later epoch. */
  LedgerHead later(long epochs) {
    return new LedgerHead(epoch + epochs, tick, seq, commitNumber, highest);
  }

  /** The same, but nowhere behind the other; the batches go on as they were counted. */
  LedgerHead atLeast(LedgerHead other) {
    return new LedgerHead(
        Math.max(epoch, other.epoch),
        Math.max(tick, other.tick),
        Math.max(seq, other.seq),
        commitNumber,
        highest.compareTo(other.highest) > 0 ? highest : other.highest);
  }

  void write(Tables tables) {
    byte[] bytes =
        new RowWriter(49)
            .int8(RowFormat.VERSION)
            .int64(epoch)
            .int64(tick)
            .int64(seq)
            .int64(commitNumber)
            .uuid(highest.value())
            .done();
    tables.put(Tables.Table.META, Keys.HEAD, bytes);
  }
}
