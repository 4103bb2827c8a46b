package dev.afterbay.contract;

import dev.afterbay.ledger.BatchLog;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a leader, plain ones in memory behind a log that several replicas share: a batch of
 * row changes is in the tables once the log has taken it. What a cluster does to a log is done by
 * chance: batches are lost with their leader, become durable late, or are refused.
 */
final class ReplicatedTables implements Tables {

  /** What all replicas agree on, or will: batches as bytes, of which nothing else is known. */
  static final class Log {
    private final RandomGenerator random;
    private final List<byte[]> batches = new ArrayList<>();
    private int synced;
    private long term;
    private double refused;

    Log(RandomGenerator random) {
      this.random = random;
    }

    /** From now on each append fails with this probability. */
    void refuse(double refused) {
      this.refused = refused;
    }

    /** Refuses by chance, and whoever leads no more; the leader cannot know what was taken. */
    private void append(long leader, long number, byte[] batch) {
      if (leader != term) {
        throw new Refused("term " + leader + " is over: it is " + term);
      }
      boolean fails = random.nextDouble() < refused;
      if (fails && random.nextBoolean()) {
        throw new Refused("batch " + number + " was not taken");
      }
      if (number != batches.size() + 1) {
        throw new AssertionError("batch " + number + " after " + batches.size());
      }
      batches.add(batch);
      if (fails) {
        throw new Refused("nobody knows whether batch " + number + " was taken");
      }
    }

    /** False: it takes longer, and may never be, should another leader come first. */
    boolean sync() {
      synced = random.nextInt(4) == 0 ? random.nextInt(synced, batches.size() + 1) : batches.size();
      return synced == batches.size();
    }

    /** Waits until all of it is durable. */
    void syncAll() {
      synced = batches.size();
    }

    /** The tables of the next leader: all that is durable, and by chance some of the rest. */
    ReplicatedTables lead() {
      int kept = random.nextInt(synced, batches.size() + 1);
      batches.subList(kept, batches.size()).clear();
      synced = kept;
      term++;
      ReplicatedTables tables = new ReplicatedTables(new Leader(this, term, kept));
      for (int i = 0; i < kept; i++) {
        tables.apply(batches.get(i), i + 1);
      }
      return tables;
    }
  }

  /** The log as one leader has it. */
  private static final class Leader implements BatchLog {
    private final Log log;
    private final long term;
    private long number;

    Leader(Log log, long term, long number) {
      this.log = log;
      this.term = term;
      this.number = number;
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public void append(byte[] batch) {
      log.append(term, number + 1, batch);
      number++;
    }

    @Override
    public void sync() {
      log.syncAll();
    }
  }

  /** The log did not take a batch: the ledger is ahead of its tables, and must stop. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private static final List<Table> TABLES = List.of(Table.values());
  private static final int DELETED = -1;

  private final BatchLog log;
  private final MemoryTables applied = new MemoryTables();
  private ByteArrayOutputStream batch = new ByteArrayOutputStream();

  private ReplicatedTables(BatchLog log) {
    this.log = log;
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    gather(table, key, value);
  }

  @Override
  public void delete(Table table, byte[] key) {
    gather(table, key, null);
  }

  private void gather(Table table, byte[] key, byte @Nullable [] value) {
    ByteBuffer row = ByteBuffer.allocate(9 + key.length + (value == null ? 0 : value.length));
    row.put((byte) TABLES.indexOf(table)).putInt(key.length).put(key);
    row.putInt(value == null ? DELETED : value.length);
    batch.writeBytes((value == null ? row : row.put(value)).array());
  }

  @Override
  public void write() {
    if (batch.size() == 0) {
      return;
    }
    byte[] bytes = batch.toByteArray();
    batch = new ByteArrayOutputStream();
    try {
      log.append(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    apply(bytes, log.number());
  }

  /** The number stands in the batch too, so that a follower needs nothing else to go on. */
  private void apply(byte[] bytes, long number) {
    ByteBuffer rows = ByteBuffer.wrap(bytes);
    while (rows.hasRemaining()) {
      Table table = TABLES.get(rows.get());
      byte[] key = read(rows, rows.getInt());
      int length = rows.getInt();
      if (length == DELETED) {
        applied.delete(table, key);
      } else {
        applied.put(table, key, read(rows, length));
      }
    }
    applied.write();
    if (Ledger.commitNumber(applied) != number) {
      throw new AssertionError("batch " + number + " says " + Ledger.commitNumber(applied));
    }
  }

  private static byte[] read(ByteBuffer rows, int length) {
    byte[] bytes = new byte[length];
    rows.get(bytes);
    return bytes;
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return applied.get(table, key);
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    applied.scan(table, from, to, backwards, visitor);
  }
}
