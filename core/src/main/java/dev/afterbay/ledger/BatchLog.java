package dev.afterbay.ledger;

import java.io.IOException;

/**
 * What makes the batches of a ledger durable, in their order: a journal on the disk of one machine,
 * or the log that the machines of a cluster agree on. A batch has the row changes of one group, as
 * bytes; whoever applies all batches in their order has the same tables.
 *
 * <p>A ledger whose batch was not taken is ahead of its tables. It must stop, and be opened again
 * on what the log has.
 *
 * <p>One thread appends, another one may sync.
 */
public interface BatchLog {

  /** The number of the last batch that was appended, counted from 1; 0: there is none. */
  long number();

  /**
   * Appends the batch, which gets the next number. It is not durable yet.
   *
   * @throws IOException if it was not appended, or nobody knows: the log says which
   */
  void append(byte[] batch) throws IOException;

  /**
   * Waits until everything that was appended before the call is durable.
   *
   * @throws IOException if it may never be: nothing that waits for it may be answered
   */
  void sync() throws IOException;
}
