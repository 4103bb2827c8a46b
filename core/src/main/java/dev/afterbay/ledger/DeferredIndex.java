package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;

/**
 * The jobs whose turn cannot come yet, by queue, state and id: scheduled ones, which the timers
 * have by their time only, and those that wait for other jobs, which no other index has.
 *
 * <p>A job that is sent, claimed and settled never stands here, so it costs nothing.
 */
final class DeferredIndex {

  private static final byte[] MARK = {1};

  private final Tables tables;

  DeferredIndex(Tables tables) {
    this.tables = tables;
  }

  void add(Job job) {
    tables.put(Table.DEFERRED, key(job), Keys.NOTHING);
  }

  void remove(Job job) {
    tables.delete(Table.DEFERRED, key(job));
  }

  static byte[] key(Job job) {
    return Keys.deferred(Keys.state(job.queue(), job.status().kind()), job.id());
  }

  /** False: the tables are of a build that did not have this index yet. */
  static boolean isIn(TableView view) {
    return view.get(Table.META, Keys.HAS_DEFERRED) != null;
  }

  /** From now on the tables have it. */
  static void mark(Tables tables) {
    tables.put(Table.META, Keys.HAS_DEFERRED, MARK);
  }

  /**
   * Makes the index of tables that have none, page by page. If it is stopped, the next one goes on:
   * a row must not be put twice.
   *
   * @param anyWaits whether there are jobs that wait for others: they are found in BODY alone
   * @param writePage writes what has gathered
   */
  void make(boolean anyWaits, Runnable writePage) {
    makeFrom(Table.DUE_TICK, Long.BYTES, writePage);
    makeFrom(Table.DUE_WALL, Long.BYTES, writePage);
    if (anyWaits) {
      makeFrom(Table.BODY, 0, writePage);
    }
    mark(tables);
    writePage.run();
  }

  /**
   * @param idAt where the id stands in a key
   */
  private void makeFrom(Table table, int idAt, Runnable writePage) {
    Restore.eachKey(
        tables,
        table,
        key -> {
          Job job = JobRecords.job(tables, Keys.idAt(key, idAt), false);
          if (job != null && isMeant(job, table, key)) {
            addOnce(job);
          }
        },
        writePage);
  }

  /** A timer may be of the end of a time to live. */
  private static boolean isMeant(Job job, Table table, byte[] key) {
    boolean expires = table == Table.DUE_WALL && key[key.length - 1] != Keys.BECOMES_DUE;
    return table == Table.BODY
        ? job.status() instanceof Status.Waiting
        : job.status() instanceof Status.Pending && !expires;
  }

  private void addOnce(Job job) {
    if (tables.get(Table.DEFERRED, key(job)) == null) {
      add(job);
    }
  }
}
