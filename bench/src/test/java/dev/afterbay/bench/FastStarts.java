package dev.afterbay.bench;

import dev.afterbay.contract.ClassArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The other processes of tests start with the classes of a server as one of them left them. */
final class FastStarts {

  private static final List<String> OPTIONS = ClassArchive.options(FastStarts::startAndStop);

  private FastStarts() {}

  /** From now on. */
  static void use() {
    System.setProperty(Jvm.OPTIONS, String.join(" ", OPTIONS));
  }

  private static void startAndStop(Path folder, List<String> options) throws IOException {
    System.setProperty(Jvm.OPTIONS, String.join(" ", options));
    ProcessBuilder server = ServerProcess.builder(folder.resolve("data"), List.of());
    ServerProcess.start(server, folder.resolve("log")).close();
  }
}
