package dev.afterbay.rocksdb;

import dev.afterbay.PlainText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of a backup ({@link BackupFormat}) and refuses whatever is not as it was written.
 * What it has handed out may still be of a backup that lacks its end: only {@link #nextFile} that
 * returns null says that all of it was there.
 */
final class BackupReader {

  /** The backup could not be read; that says nothing of what is in it. */
  static final class ReadFailed extends IOException {
    private static final long serialVersionUID = 1L;

    ReadFailed(IOException cause) {
      super(Reason.of(cause), cause);
    }
  }

  /** Where a piece begins in its array. */
  static final int PIECE_AT = BackupFormat.BLOCK_HEAD_BYTES;

  private static final int REASON_CHARS_MAX = 1_000;

  private final InputStream in;
  private final String about;
  private final MessageDigest digest = BackupFormat.digest();
  private final byte[] id;
  private final int storeFormat;
  private final byte[] block =
      new byte
          [BackupFormat.BLOCK_HEAD_BYTES + BackupFormat.PIECE_BYTES + BackupFormat.CHECKSUM_BYTES];
  private long blocks;
  private long position;

  /** Where the block begins that was read last. */
  private long blockAt;

  private byte kind;
  private int length;

  /** The current file, or the one that ended last; null: there is none yet. */
  private @Nullable String name;

  private boolean inFile;
  private long fileBytes;
  private int files;
  private long commit;

  /**
   * Reads the header.
   *
   * @param about what it is, for messages, such as the name of the file
   */
  BackupReader(InputStream in, String about) throws IOException {
    this.in = in;
    this.about = about;
    byte[] header = new byte[BackupFormat.HEADER_BYTES];
    read(header, 0, header.length);
    digest.update(header);
    ByteBuffer fields = ByteBuffer.wrap(header);
    byte[] magic = new byte[BackupFormat.MAGIC.length];
    fields.get(magic);
    if (!Arrays.equals(magic, BackupFormat.MAGIC)) {
      throw bad("it is no backup of Afterbay");
    }
    int version = fields.getInt();
    storeFormat = fields.getInt();
    id = new byte[BackupFormat.ID_BYTES];
    fields.get(id);
    if (fields.getInt() != BackupFormat.checksum(header)) {
      throw bad("its first bytes are damaged");
    }
    if (version != BackupFormat.VERSION) {
      throw bad(
          "it is of version "
              + version
              + ", and this program reads version "
              + BackupFormat.VERSION
              + " (run the one that wrote it)");
    }
  }

  /** The format of the data directory that it is of. */
  int storeFormat() {
    return storeFormat;
  }

  /** Bytes that were read so far. */
  long position() {
    return position;
  }

  /** How many files there were so far. */
  int files() {
    return files;
  }

  /** The number of the last commit that it has; once the end was read. */
  long commit() {
    return commit;
  }

  /**
   * Goes on behind the current file, of which all was read.
   *
   * @return its name; null: the backup ends here, and all of it was right
   */
  @Nullable String nextFile() throws IOException {
    assert !inFile : "the end of " + name + " was not read";
    next();
    if (kind == BackupFormat.END) {
      end();
      return null;
    }
    if (kind != BackupFormat.FILE) {
      throw bad("its parts are not in their order");
    }
    String next = new String(content(), StandardCharsets.US_ASCII);
    if (!BackupFormat.follows(next, name)) {
      throw bad("it has a file that does not belong there");
    }
    name = next;
    inFile = true;
    fileBytes = 0;
    files++;
    return next;
  }

  /**
   * More of the current file, in the array that {@link #piece} gives.
   *
   * @return how many bytes; 0: the file ends
   */
  int more() throws IOException {
    assert inFile : "no file was begun";
    next();
    if (kind == BackupFormat.PIECE && length > 0) {
      fileBytes += length;
      return length;
    }
    if (kind != BackupFormat.FILE_END) {
      throw bad("its parts are not in their order");
    }
    inFile = false;
    if (length != Long.BYTES || content(Long.BYTES).getLong() != fileBytes) {
      throw bad(name + " has not the length that it should have");
    }
    return 0;
  }

  /** What {@link #more} has read, from {@link #PIECE_AT} on, until it is called again. */
  byte[] piece() {
    return block;
  }

  private void end() throws IOException {
    if (length != BackupFormat.END_BYTES || !BackupFormat.JOURNAL.equals(name)) {
      throw bad("it ends too early");
    }
    ByteBuffer end = content(length);
    commit = end.getLong();
    int told = end.getInt();
    byte[] whole = new byte[BackupFormat.DIGEST_BYTES];
    end.get(whole);
    if (told != files || !Arrays.equals(whole, digest.digest())) {
      throw bad("its end does not agree with what is before it");
    }
    if (one() >= 0) {
      throw bad("something stands behind its end");
    }
  }

  /** Reads a block, which is as it was written. */
  private void next() throws IOException {
    blockAt = position;
    read(block, 0, BackupFormat.BLOCK_HEAD_BYTES);
    ByteBuffer fields = ByteBuffer.wrap(block);
    kind = fields.get();
    length = fields.getInt();
    if (length < 0 || length > BackupFormat.PIECE_BYTES) {
      throw bad("it is damaged");
    }
    int end = BackupFormat.BLOCK_HEAD_BYTES + length;
    read(block, BackupFormat.BLOCK_HEAD_BYTES, length + BackupFormat.CHECKSUM_BYTES);
    if (fields.getInt(end) != BackupFormat.checksum(id, blocks, block, end)) {
      throw bad("it is damaged");
    }
    blocks++;
    if (kind == BackupFormat.GIVEN_UP) {
      throw new StoreException.BadBackup(
          about,
          blockAt,
          "it was given up: "
              + PlainText.line(new String(content(), StandardCharsets.UTF_8), REASON_CHARS_MAX));
    }
    if (kind != BackupFormat.END) {
      digest.update(block, 0, end + BackupFormat.CHECKSUM_BYTES);
    }
  }

  private byte[] content() {
    return Arrays.copyOfRange(block, PIECE_AT, PIECE_AT + length);
  }

  private ByteBuffer content(int bytes) {
    return ByteBuffer.wrap(block, PIECE_AT, bytes);
  }

  private void read(byte[] bytes, int from, int count) throws IOException {
    int read;
    try {
      read = in.readNBytes(bytes, from, count);
    } catch (IOException e) {
      throw new ReadFailed(e);
    }
    position += read;
    if (read < count) {
      throw new StoreException.BadBackup(about, position, "it ends in the middle");
    }
  }

  private int one() throws IOException {
    try {
      return in.read();
    } catch (IOException e) {
      throw new ReadFailed(e);
    }
  }

  /** What was read last is not as it must be. */
  StoreException bad(String why) {
    return new StoreException.BadBackup(about, blockAt, why);
  }
}
