package dev.afterbay.ledger;

import java.util.List;

/**
 * Sorted tables of bytes, the ground that a {@link Ledger} stands on. Keys are in unsigned byte
 * order. For one writing thread.
 *
 * <p>Puts and deletes gather until {@link #write}, which makes all of them visible or none. Reads
 * see only what was written.
 */
public interface Tables extends TableView {

  /** Gathers a row, new or in place of the one with that key. */
  void put(Table table, byte[] key, byte[] value);

  /** Gathers that the row is gone. */
  void delete(Table table, byte[] key);

  /** Writes what has gathered, all or none. */
  void write();

  /** A hint: these rows of BODY, which never change, will be asked for soon. */
  default void expectBodies(List<byte[]> keys) {}

  /**
   * The tables of a ledger; docs/storage.md has their layout. A new one comes last, as stores may
   * number them.
   */
  enum Table {
    /** id: what never changes. Written once. */
    BODY,
    /** id: the state of a job that is not being processed; absent while it is the first one. */
    JOB,
    /** id: the state of a processing job. */
    ACTIVE,
    /** id, number: attempts before the last one. */
    ATTEMPT,
    /** queue, lane, rank, sequence: what can be claimed. */
    READY,
    /** queue, session, sequence: the order of a session. */
    LINE,
    /** tick, id: pending, not yet due. */
    DUE_TICK,
    /** wall time, id, reason: pending, not yet due, or with a time to live. */
    DUE_WALL,
    /** queue, state, wall time, id: what has ended. */
    ENDED,
    /** queue, key: the job that has it, and until when. */
    KEY,
    /** wall time, queue, key: when to forget a key. */
    KEY_EXPIRY,
    /** queue, session: who holds it. */
    HOLD,
    /** kind, name: a setting. */
    SETTING,
    /** queue: how many jobs are in which state. */
    COUNT,
    /** epoch, tick, last sequence, commit number, format. */
    META,
    /** queue, state, id: pending, not yet due, or waiting. */
    DEFERRED,
    /** id, kind: what attempts told of a job that exists. */
    NOTE
  }
}
