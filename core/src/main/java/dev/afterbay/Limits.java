package dev.afterbay;

/**
 * What a queue can do. Contract tests and endpoints ask this and nothing else.
 *
 * @param bodyBytesMax of one message
 * @param attributesBytesMax names and values of one message, in UTF-8
 * @param batchMessagesMax of one send
 * @param batchBytesMax bodies and attributes of one send
 * @param atomicBatches a send is all or none
 * @param sessions can be accepted, and keep their order
 * @param jobs keeps a record of every job
 */
public record Limits(
    int bodyBytesMax,
    int attributesBytesMax,
    int batchMessagesMax,
    int batchBytesMax,
    boolean atomicBatches,
    boolean sessions,
    boolean jobs) {

  /** The decisions of model.md: 1 MiB, 64 KiB, 1,000 messages or 16 MiB. */
  public static final Limits STANDARD =
      new Limits(1 << 20, 64 << 10, 1_000, 16 << 20, true, true, true);

  /** Largest setting of {@code bodyBytesMax}: 64 MiB. */
  public static final int BODY_BYTES_MAX = 64 << 20;

  public Limits {
    Check.that(
        bodyBytesMax >= 1 && bodyBytesMax <= BODY_BYTES_MAX,
        "limits.body",
        "must be 1 B to 64 MiB");
    Check.that(attributesBytesMax >= 0, "limits.attributes", "must not be negative");
    Check.that(batchBytesMax >= bodyBytesMax, "limits.batch", "must be at least limits.body");
  }
}
