package dev.afterbay.store;

import dev.afterbay.JobId;
import dev.afterbay.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Has in memory, at open, what a ledger needs of its tables before any other call. */
final class Restore {

  /** Each lease is written, and there may be more of them than should be in one batch. */
  private static final int PAGE = 1_000;

  private final Tables tables;
  private final Books books;
  private final Shelf shelf;
  private final Lanes lanes;
  private final Lines lines;
  private final Moves moves;
  private final Latecomers latecomers;
  private final Runnable writePage;

  /**
   * @param writePage writes what has gathered
   */
  Restore(
      Tables tables,
      Books books,
      Shelf shelf,
      Lanes lanes,
      Lines lines,
      Moves moves,
      Latecomers latecomers,
      Runnable writePage) {
    this.tables = tables;
    this.books = books;
    this.shelf = shelf;
    this.lanes = lanes;
    this.lines = lines;
    this.moves = moves;
    this.latecomers = latecomers;
    this.writePage = writePage;
  }

  void all(Moment now) {
    books.restore();
    lanes.restore(books::of);
    lines.restore(books::of);
    restoreActive(now);
    restoreHeld();
  }

  private void restoreActive(Moment now) {
    List<JobId> page = activeAfter(null);
    while (!page.isEmpty()) {
      for (JobId id : page) {
        restoreActive(Objects.requireNonNull(shelf.load(id, false)), now);
      }
      writePage.run();
      page = activeAfter(page.getLast());
    }
  }

  private List<JobId> activeAfter(@Nullable JobId last) {
    List<JobId> page = new ArrayList<>();
    tables.scan(
        Tables.Table.ACTIVE,
        last == null ? new byte[0] : Keys.next(Keys.id(last)),
        null,
        false,
        (key, _) -> {
          page.add(Keys.idAt(key, 0));
          return page.size() < PAGE;
        });
    return page;
  }

  /**
   * An active job gets one full lease, as time while the store was closed counts as none and its
   * holder may come back; unless that ended with its process.
   */
  private void restoreActive(Live entry, Moment now) {
    Duration full = entry.book.settings().lease();
    long untilTick = Math.max(entry.lease().untilTick(), now.tick() + full.toMillis());
    moves.restore(entry);
    moves.renew(entry, untilTick);
    if (!entry.lease().detached()) {
      latecomers.orphaned(entry.job.id());
    }
  }

  private void restoreHeld() {
    tables.scan(
        Tables.Table.HOLD,
        new byte[0],
        null,
        false,
        (key, value) -> {
          Held held = Format.held(Keys.sessionOf(key), value);
          lines.restoreHeld(books.of(Keys.queueOf(key)), held);
          return true;
        });
  }
}
