package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The classes of the program as a JVM maps them (class data sharing). Most of what a start takes of
 * the processor is loading and verifying them, and these tests start a hundred JVMs.
 */
final class ClassArchive {
  /*
   * A JVM shares classes of jars only, for the class path that was there when the archive was made:
   * folders become jars. What does not fit is passed over, and the start only takes longer; that
   * native access is enabled is such a thing, and not worth a line on standard output.
   */

  private ClassArchive() {}

  private static final List<String> OPTIONS = make();

  /** Of a JVM that has the class path of this one. */
  static List<String> options() {
    return OPTIONS;
  }

  private static List<String> make() {
    try {
      Path folder = Files.createTempDirectory("afterbay-classes");
      String classPath = ofJars(folder);
      Path archive = folder.resolve("classes.jsa");
      List<String> command = new ArrayList<>(TestServer.JAVA);
      command.addAll(List.of("-XX:ArchiveClassesAtExit=" + archive, "-cp", classPath));
      command.addAll(List.of(Main.class.getName(), "serve", "--port", "0"));
      Process process = TestServer.builder(folder, command).start();
      try (TestServer server = TestServer.of(process).ready()) {
        server.stop();
      }
      assertThat(archive).isNotEmptyFile();
      deleteAtExit(folder);
      return List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-cp", classPath);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("no archive of classes", e);
    }
  }

  private static String ofJars(Path folder) throws IOException {
    List<String> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = folder.resolve(jars.size() + ".jar");
      jars.add(Files.isDirectory(Path.of(entry)) ? jar(jar, entry) : entry);
    }
    return String.join(File.pathSeparator, jars);
  }

  private static String jar(Path jar, String folder) {
    int result =
        ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.out, System.err, "--create", "--file", jar.toString(), "-C", folder, ".");
    assertThat(result).isZero();
    return jar.toString();
  }

  /** Folders before what is in them: it is deleted the other way round. */
  private static void deleteAtExit(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.forEach(file -> file.toFile().deleteOnExit());
    }
  }
}
