package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Ledger;

/**
 * How much memory and journal a store may take, and how large its files are.
 *
 * <p>A compaction writes its result before it deletes what it was made of, and a flush its file
 * before files of the journal are free. All of that has to fit below the low-water mark of the
 * disk, or settling could fail although only sends may. So the sizes follow from that mark, as it
 * is by default: a buffer is a sixteenth of it, and the first level four buffers, which makes the
 * usual compaction half of the mark.
 *
 * @param cacheBytes blocks of files, and what is written but not yet in a file
 * @param buffersBytes the share of that for what is not yet in a file, all tables together
 * @param bodyBytes one buffer of the BODY table
 * @param otherBytes one buffer of every other table
 * @param journalBytes the journal, after which the buffers are written to files
 */
record Sizing(
    long cacheBytes,
    long buffersBytes,
    long bodyBytes,
    long otherBytes,
    long journalBytes,
    Ledger.Sizes ledger) {

  private static final long MIB = 1L << 20;
  private static final int BUFFER_SHARE = 16;
  private static final int UNAPPLIED_SHARE = 32;
  private static final long BUFFER_BYTES_MIN = 512L << 10;

  static Sizing of(RocksStore.Memory memory, long fileSystemBytes) {
    long lowWaterBytes = DiskSpace.standardLowWaterBytes(fileSystemBytes);
    Sizing sizing =
        switch (memory) {
          case STANDARD ->
              new Sizing(96 * MIB, 64 * MIB, 32 * MIB, 16 * MIB, 128 * MIB, Ledger.Sizes.STANDARD);
          case SMALL ->
              new Sizing(
                  24 * MIB, 16 * MIB, 8 * MIB, 2 * MIB, 32 * MIB, new Ledger.Sizes(250, 2_000));
        };
    return sizing.within(Math.max(BUFFER_BYTES_MIN, lowWaterBytes / BUFFER_SHARE));
  }

  /** What may be in the journal and not yet in the buffers: it is in the heap meanwhile. */
  long unappliedBytes() {
    return Math.min(journalBytes / UNAPPLIED_SHARE, Runtime.getRuntime().maxMemory() / 32);
  }

  private Sizing within(long bufferBytesMax) {
    return new Sizing(
        cacheBytes,
        Math.min(buffersBytes, 4 * bufferBytesMax),
        Math.min(bodyBytes, bufferBytesMax),
        Math.min(otherBytes, bufferBytesMax),
        Math.min(journalBytes, 4 * bufferBytesMax),
        ledger);
  }
}
