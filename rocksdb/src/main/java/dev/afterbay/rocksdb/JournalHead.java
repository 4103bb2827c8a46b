package dev.afterbay.rocksdb;

import dev.afterbay.ledger.TableView;
import dev.afterbay.ledger.Tables.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many messages were ever sent: each has the next sequence number, and the head of the ledger,
 * a row of META that every batch puts, has the last one (docs/storage.md, Tables). So what lies
 * between two batches tells how many messages are lost with the batches between them.
 */
final class JournalHead {

  private static final byte[] KEY = "head".getBytes(StandardCharsets.US_ASCII);
  private static final int SEQUENCE_AT = 17;

  /** In the order in which their families are made. */
  private static final List<Table> FAMILIES = List.of(Table.values());

  private JournalHead() {}

  /** The number of the last message of the tables; {@link JournalScan#UNKNOWN}: no head. */
  static long sent(TableView tables) {
    return sent(tables.get(Table.META, KEY));
  }

  /** The number of the last message after a batch. */
  static long sentAfter(byte[] batch) {
    byte @Nullable [][] head = {null};
    Batch.each(
        batch,
        change -> {
          if (change.family() == familyOf(Table.META) && Arrays.equals(change.key(), KEY)) {
            head[0] = change.value();
          }
        });
    return sent(head[0]);
  }

  /** The number of the last message before a batch. */
  static long sentBefore(byte[] batch) {
    long after = sentAfter(batch);
    int[] sends = {0};
    Batch.each(
        batch,
        change -> {
          if (change.family() == familyOf(Table.BODY) && change.isPut()) {
            sends[0]++;
          }
        });
    return after == JournalScan.UNKNOWN ? after : after - sends[0];
  }

  private static long sent(byte @Nullable [] head) {
    return head == null || head.length < SEQUENCE_AT + Long.BYTES
        ? JournalScan.UNKNOWN
        : ByteBuffer.wrap(head).getLong(SEQUENCE_AT);
  }

  /** Families are made in the order of the tables, behind the default one. */
  private static int familyOf(Table table) {
    return 1 + FAMILIES.indexOf(table);
  }
}
