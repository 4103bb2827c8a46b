package dev.afterbay.contract;

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
 * The classes of a program as a JVM maps them (class data sharing). Most of what a start takes of
 * the processor is loading and verifying them: for tests that start many JVMs, which take half as
 * long with it. Ends with this JVM.
 */
public final class ClassArchive {
  /*
   * A JVM shares classes of jars only, for the class path that was there when the archive was made:
   * folders become jars. What does not fit is passed over, and the start only takes longer; that
   * native access is enabled is such a thing, and not worth a line on standard output.
   */

  private ClassArchive() {}

  /** What the archive is made of. */
  @FunctionalInterface
  public interface Program {

    /**
     * Runs it in a JVM of its own until it ended by itself, having done what others will do.
     *
     * @param folder an empty one for its files, deleted with the archive
     * @param options of that JVM, the class path among them
     */
    void run(Path folder, List<String> options) throws IOException, InterruptedException;
  }

  /**
   * Runs a program once.
   *
   * @return options of JVMs that have the class path of this one, and may run other programs too
   * @throws IllegalStateException if it failed
   */
  public static List<String> options(Program program) {
    try {
      Path folder = Files.createTempDirectory("afterbay-classes");
      String classPath = ofJars(folder);
      Path archive = folder.resolve("classes.jsa");
      Path files = Files.createDirectory(folder.resolve("files"));
      program.run(files, List.of("-XX:ArchiveClassesAtExit=" + archive, "-cp", classPath));
      assertThat(archive).isNotEmptyFile();
      deleteAtExit(folder);
      return List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-cp", classPath);
    } catch (IOException e) {
      throw new IllegalStateException("no archive of classes", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
