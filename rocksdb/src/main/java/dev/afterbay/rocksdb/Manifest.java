package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Which files of the log still matter, as RocksDB's manifest has it. The others hold what is in
 * tables by now; they wait to be deleted or written over, in any order, so that nothing can be
 * concluded from what they hold, or from one that is missing.
 *
 * <p>The format (rocksdb/db/version_edit.cc): records as in the log, each a sequence of fields, a
 * tag and a value. A tag is a varint, and so are most values; from a certain tag on, a value begins
 * with its length, so that older versions can skip it.
 */
final class Manifest {

  private static final int COMPARATOR = 1;
  private static final int LOG_NUMBER = 2;
  private static final int NEXT_FILE = 3;
  private static final int LAST_SEQUENCE = 4;
  private static final int PREVIOUS_LOG = 9;
  private static final int FIRST_LOG = 10;
  private static final int COLUMN_FAMILY = 200;
  private static final int MAX_COLUMN_FAMILY = 203;
  private static final int SKIPPABLE = 1 << 13;
  private static final int LOGS_DELETED = SKIPPABLE + 8;

  private long firstLog;

  private Manifest() {}

  /**
   * The number of the first file of the log that matters; too small a one, if the manifest cannot
   * be read, which RocksDB will find too.
   */
  static long firstLog(Path database) throws IOException {
    Manifest manifest = new Manifest();
    try {
      String name =
          Files.readString(database.resolve("CURRENT"), StandardCharsets.ISO_8859_1).strip();
      if (name.matches("MANIFEST-\\d+")) {
        manifest.read(database.resolve(name));
      }
    } catch (NoSuchFileException _) {
      // Told by RocksDB.
    }
    return manifest.firstLog;
  }

  private void read(Path path) throws IOException {
    try (LogFile file = new LogFile(path)) {
      for (byte[] edit = file.nextRecord(); edit != null; edit = file.nextRecord()) {
        readEdit(ByteBuffer.wrap(edit));
      }
    }
  }

  /** Up to the first field of a kind that never comes before or beside what is looked for. */
  private void readEdit(ByteBuffer edit) {
    while (edit.hasRemaining()) {
      int tag = (int) number(edit);
      switch (tag) {
        case LOG_NUMBER, NEXT_FILE, LAST_SEQUENCE, PREVIOUS_LOG, COLUMN_FAMILY, MAX_COLUMN_FAMILY ->
            number(edit);
        case FIRST_LOG -> logsAreDeletedBefore(number(edit));
        case COMPARATOR -> skip(edit);
        default -> {
          if (tag < SKIPPABLE) {
            return;
          }
          ByteBuffer value = skip(edit);
          if (tag == LOGS_DELETED) {
            logsAreDeletedBefore(number(value));
          }
        }
      }
    }
  }

  private void logsAreDeletedBefore(long number) {
    firstLog = Math.max(firstLog, number);
  }

  private static ByteBuffer skip(ByteBuffer edit) {
    int length = (int) number(edit);
    ByteBuffer value = edit.slice(edit.position(), length);
    edit.position(edit.position() + length);
    return value;
  }

  private static long number(ByteBuffer edit) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = edit.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
