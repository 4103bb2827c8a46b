package dev.afterbay.rocksdb;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processes of tests: small, soon started, and what they leave behind lies beside their data. */
final class ChildJvm {

  private ChildJvm() {}

  /**
   * @param shell runs before it in the same process; empty: nothing
   * @param data the first argument of the program
   */
  static ProcessBuilder of(List<String> shell, Class<?> program, Path data, String... arguments) {
    List<String> command = new ArrayList<>(shell);
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(
        List.of(
            "-ea",
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + data.toAbsolutePath().getParent(),
            "-cp",
            System.getProperty("java.class.path"),
            program.getName(),
            data.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
