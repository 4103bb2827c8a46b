package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.ledger.Tables.Table;

/**
 * The jobs whose turn cannot come yet, by queue, state and id: scheduled ones, which the timers
 * have by their time only, and those that wait for other jobs, which no other index has.
 *
 * <p>A job that is sent, claimed and settled never stands here, so it costs nothing.
 */
record DeferredIndex(Tables tables) {

  void add(Job job) {
    tables.put(Table.DEFERRED, key(job), Keys.NOTHING);
  }

  void remove(Job job) {
    tables.delete(Table.DEFERRED, key(job));
  }

  static byte[] key(Job job) {
    return Keys.deferred(Keys.state(job.queue(), job.status().kind()), job.id());
  }
}
