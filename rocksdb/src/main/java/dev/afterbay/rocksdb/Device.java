package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** What can fail below the store. A seam: tests put failures and full disks in. */
interface Device {

  /** Writes a batch, without a sync. */
  void write(RocksDB database, WriteOptions options, WriteBatch batch) throws RocksDBException;

  /** Writes a {@link Batch} to the log and the tables, without a sync. */
  default void write(RocksDB database, byte[] batch) throws RocksDBException {
    try (WriteOptions options = new WriteOptions();
        WriteBatch whole = new WriteBatch(batch)) {
      write(database, options, whole);
    }
  }

  /** Syncs all that was written to the log. */
  void sync(RocksDB database) throws RocksDBException;

  /** Syncs a file that another process wrote. */
  default void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(false);
    }
  }

  /** Room that is left for this process on the file system, in bytes. */
  long freeBytes() throws IOException;

  /** Size of the file system, in bytes. */
  long totalBytes() throws IOException;

  /** The file system that holds the directory. */
  static Device of(Path directory) throws IOException {
    // Kept, because finding it reads the table of mounts, and asking it does not.
    FileStore files = Files.getFileStore(directory);
    return new Device() {
      @Override
      public void write(RocksDB database, WriteOptions options, WriteBatch batch)
          throws RocksDBException {
        database.write(options, batch);
      }

      @Override
      public void sync(RocksDB database) throws RocksDBException {
        database.syncWal();
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
