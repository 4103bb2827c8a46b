package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * What was done to a file.
 *
 * @param kind of the file
 * @param how in words
 */
record Harm(String kind, Path file, String how) {

  /** Does something to a file whose name begins or ends so. */
  static Harm random(SplittableRandom random, Path directory, String kind) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(directory)) {
      files =
          found
              .filter(Files::isRegularFile)
              .filter(file -> isOf(kind, file.getFileName().toString()))
              .filter(file -> file.toFile().length() > 0 || kind.equals("lock"))
              .sorted()
              .toList();
    }
    if (files.isEmpty()) {
      return new Harm(kind, directory, "there is none");
    }
    Path file = files.get(random.nextInt(files.size()));
    byte[] bytes = Files.readAllBytes(file);
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    int length = Math.min(bytes.length - at, 1 + random.nextInt(1 << random.nextInt(1, 13)));
    String how;
    switch (random.nextInt(8)) {
      case 0 -> {
        Files.delete(file);
        return new Harm(kind, file, "deleted");
      }
      case 1 -> {
        bytes = Arrays.copyOf(bytes, at);
        how = "cut at " + at;
      }
      case 2 -> {
        bytes = Arrays.copyOf(bytes, Math.max(0, bytes.length - length));
        how = "cut by " + length;
      }
      case 3 -> {
        Arrays.fill(bytes, at, at + length, (byte) 0);
        how = length + " zeros at " + at;
      }
      case 4 -> {
        byte[] garbage = new byte[length];
        random.nextBytes(garbage);
        System.arraycopy(garbage, 0, bytes, at, length);
        how = length + " random bytes at " + at;
      }
      case 5 -> {
        byte[] shorter = new byte[bytes.length - length];
        System.arraycopy(bytes, 0, shorter, 0, at);
        System.arraycopy(bytes, at + length, shorter, at, shorter.length - at);
        bytes = shorter;
        how = length + " bytes missing at " + at;
      }
      default -> {
        int bit = random.nextInt(8);
        if (bytes.length > 0) {
          bytes[at] ^= (byte) (1 << bit);
        }
        how = "bit " + bit + " flipped at " + at;
      }
    }
    Files.write(file, bytes);
    return new Harm(kind, file, how + " of " + file.toFile().length());
  }

  private static boolean isOf(String kind, String name) {
    return switch (kind) {
      case ".sst", JournalFile.SUFFIX -> name.endsWith(kind);
      case "MANIFEST-", "OPTIONS-" -> name.startsWith(kind);
      default -> name.equals(kind);
    };
  }

  @Override
  public String toString() {
    return file.getFileName() + ": " + how;
  }
}
