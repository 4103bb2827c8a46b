package dev.afterbay.rocksdb;

import java.nio.file.Path;

/**
 * Damage to a file of a data directory.
 *
 * @param offset where it begins, in bytes; -1: not known
 * @param lost what can no longer be read, in words
 */
public record Damage(Path file, long offset, String lost) {

  /** The offset of damage whose place in the file is not known. */
  public static final long UNKNOWN = -1;

  @Override
  public String toString() {
    return file + (offset == UNKNOWN ? "" : " at offset " + offset) + " is damaged: " + lost;
  }
}
