package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** What can fail below the store. A seam: tests put failures and full disks in. */
interface Device {

  /** A flush takes many times as long. */
  long STALL_NANOS = 1_000_000;

  /** Writes bytes to a file of the journal, without a sync. */
  void write(FileChannel file, ByteBuffer bytes, long position) throws IOException;

  /** Fills a file with zeros from its end up to a size, and syncs it: its blocks are there then. */
  default void allocate(FileChannel file, long bytes) throws IOException {
    long from = file.size();
    if (from < bytes) {
      Zeros.write(file, from, bytes);
      file.force(true);
    }
  }

  /** Syncs a file of the journal. */
  void sync(FileChannel file) throws IOException;

  /** Puts a {@link Batch} into the tables, of which the journal has it. */
  void apply(RocksDB database, byte[] batch) throws RocksDBException;

  /** Syncs a file that another process wrote. */
  default void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      sync(channel);
    }
  }

  /** Room that is left for this process on the file system, in bytes. */
  long freeBytes() throws IOException;

  /** Size of the file system, in bytes. */
  long totalBytes() throws IOException;

  /**
   * False: the buffers are full, and nothing was written. That is waited out here, as the flush
   * with which RocksDB ends a lack of room waits for ever for a write that waits inside of it.
   */
  private static boolean isTaken(RocksDB database, WriteOptions options, WriteBatch batch)
      throws RocksDBException {
    try {
      database.write(options, batch);
      return true;
    } catch (RocksDBException e) {
      if (Shortage.ofBuffers(e)) {
        return false;
      }
      throw e;
    }
  }

  /** The file system that holds the directory. */
  static Device of(Path directory) throws IOException {
    // Kept, because finding it reads the table of mounts, and asking it does not.
    FileStore files = Files.getFileStore(directory);
    return new Device() {
      @Override
      public void write(FileChannel file, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
          at += file.write(bytes, at);
        }
      }

      @Override
      public void sync(FileChannel file) throws IOException {
        file.force(false);
      }

      @Override
      public void apply(RocksDB database, byte[] batch) throws RocksDBException {
        try (WriteOptions options = new WriteOptions().setDisableWAL(true).setNoSlowdown(true);
            WriteBatch whole = new WriteBatch(batch)) {
          while (!isTaken(database, options, whole)) {
            LockSupport.parkNanos(this, STALL_NANOS);
          }
        }
      }

      @Override
      public long freeBytes() throws IOException {
        return files.getUsableSpace();
      }

      @Override
      public long totalBytes() throws IOException {
        return files.getTotalSpace();
      }
    };
  }
}
