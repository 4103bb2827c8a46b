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

  /** Another program takes all room that there is; the file is to be deleted. */
  Path fill() throws IOException {
    Path foreign = path.resolve("foreign");
    fill(foreign, 1 << 16);
    // The last bytes, too.
    fill(path.resolve("foreign-rest"), 1);
    return foreign;
  }

  private static void fill(Path file, int stepBytes) {
    byte[] step = new byte[stepBytes];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(step);
      }
    } catch (IOException _) {
      // Now it is full.
    }
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
