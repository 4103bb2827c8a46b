package dev.afterbay.contract;

import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables;
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

  private record Row(Table table, byte[] key, byte @Nullable [] value) {
    void putInto(Tables tables) {
      if (value == null) {
        tables.delete(table, key);
      } else {
        tables.put(table, key, value);
      }
    }
  }

  /** A batch with the number that follows the one before. */
  private record Entry(long number, List<Row> rows) {}

  /** What all replicas agree on, or will. */
  static final class Log {
    private final RandomGenerator random;
    private final List<Entry> entries = new ArrayList<>();
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
    private void append(long leader, Entry entry) {
      if (leader != term) {
        throw new Refused("term " + leader + " is over: it is " + term);
      }
      boolean fails = random.nextDouble() < refused;
      if (fails && random.nextBoolean()) {
        throw new Refused("batch " + entry.number + " was not taken");
      }
      if (entry.number != entries.size() + 1) {
        throw new AssertionError("batch " + entry.number + " after " + entries.size());
      }
      entries.add(entry);
      if (fails) {
        throw new Refused("nobody knows whether batch " + entry.number + " was taken");
      }
    }

    /** False: it takes longer, and may never be, should another leader come first. */
    boolean sync() {
      synced = random.nextInt(4) == 0 ? random.nextInt(synced, entries.size() + 1) : entries.size();
      return synced == entries.size();
    }

    /** Waits until all of it is durable. */
    void syncAll() {
      synced = entries.size();
    }

    /** The tables of the next leader: all that is durable, and by chance some of the rest. */
    ReplicatedTables lead() {
      int kept = random.nextInt(synced, entries.size() + 1);
      entries.subList(kept, entries.size()).clear();
      synced = kept;
      term++;
      ReplicatedTables tables = new ReplicatedTables(this, term);
      entries.forEach(tables::apply);
      return tables;
    }
  }

  /** The log did not take a batch: the ledger is ahead of its tables, and must stop. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private final Log log;
  private final long term;
  private final MemoryTables applied = new MemoryTables();
  private List<Row> batch = new ArrayList<>();
  private long number;

  private ReplicatedTables(Log log, long term) {
    this.log = log;
    this.term = term;
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    batch.add(new Row(table, key, value));
  }

  @Override
  public void delete(Table table, byte[] key) {
    batch.add(new Row(table, key, null));
  }

  @Override
  public void write() {
    if (batch.isEmpty()) {
      return;
    }
    Entry entry = new Entry(number + 1, batch);
    batch = new ArrayList<>();
    log.append(term, entry);
    apply(entry);
  }

  /** The number stands in the batch too, so that a follower needs nothing else to go on. */
  private void apply(Entry entry) {
    entry.rows.forEach(row -> row.putInto(applied));
    applied.write();
    number = entry.number;
    if (Ledger.commitNumber(applied) != number) {
      throw new AssertionError("batch " + number + " says " + Ledger.commitNumber(applied));
    }
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return applied.get(table, key);
  }

  @Override
  public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) {
    return applied.getAll(table, keys);
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    applied.scan(table, from, to, backwards, visitor);
  }
}
