package dev.afterbay.rocksdb;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A file system of its own, where this process may mount one; else the test is passed over. */
record SmallDisk(Path path) implements AutoCloseable {

  static SmallDisk mounted(Path at, String options) throws Exception {
    Path disk = Files.createDirectory(at);
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", options, "none", disk.toString()),
        "a tmpfs can be mounted");
    return new SmallDisk(disk);
  }

  static SmallDisk mounted(Path at, int mebibytes) throws Exception {
    return mounted(at, "size=" + mebibytes + "m");
  }

  void makeReadOnly() throws Exception {
    assumeTrue(run("mount", "-o", "remount,ro", path.toString()), "it can be made read-only");
  }

  /** Another program takes all room, also what is given up meanwhile; to be deleted. */
  Path fill() throws IOException {
    return fill(Long.MAX_VALUE);
  }

  /** Another program takes all room that there is now, but for so much; to be deleted. */
  Path fillBut(long bytes) throws IOException {
    return fill(Files.getFileStore(path).getUsableSpace() - bytes);
  }

  private Path fill(long bytes) throws IOException {
    Path foreign = path.resolve("foreign");
    long left = bytes;
    try (OutputStream out = Files.newOutputStream(foreign)) {
      for (int step = 1 << 20; step >= 4_096; step /= 2) {
        left -= fill(out, new byte[step], left);
      }
    }
    return foreign;
  }

  private static long fill(OutputStream out, byte[] step, long bytes) {
    long written = 0;
    try {
      while (written + step.length <= bytes) {
        out.write(step);
        written += step.length;
      }
    } catch (IOException _) {
      // Smaller steps may still fit.
    }
    return written;
  }

  @Override
  public void close() {
    run("umount", "-l", path.toString());
  }

  private static boolean run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
