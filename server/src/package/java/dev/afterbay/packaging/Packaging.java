package dev.afterbay.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes what people install of a built jar and its libraries: an archive with a Java runtime, one
 * for who has a JDK, and an image. Run by the Maven profile {@code package} on the JDK that
 * compiled, in which its tools are (decision 0019).
 */
public final class Packaging {
  private final Path checkout;
  private final String version;
  private final Instant time;
  private final String url;
  private final String source;

  private final Path built;
  private final Path work;
  private final Archive archive;
  private final Platform platform = Platform.ofThisMachine();

  private Packaging(String[] arguments) {
    checkout = Path.of(arguments[0]).toAbsolutePath().normalize();
    version = arguments[1];
    time = Instant.parse(arguments[2]);
    url = arguments[3];
    source = arguments[4];
    built = checkout.resolve("server/target");
    work = built.resolve("package");
    archive = new Archive(FileTime.from(time));
  }

  /**
   * @param arguments folder of the sources, version, time of all files, URL of the project and of
   *     its sources
   */
  public static void main(String[] arguments) throws Exception {
    new Packaging(arguments).run();
  }

  private void run() throws IOException, InterruptedException {
    Tool.run("rm", "-rf", work);
    Files.createDirectories(work);
    String name = "afterbay-" + version;
    FileTime date = FileTime.from(time);
    ProgramFolder portable = ProgramFolder.portable(checkout, built, work.resolve(name));
    report(zip(portable, built.resolve(name + ".zip")));
    String forThis = name + "-" + platform.name();
    ProgramFolder complete =
        ProgramFolder.complete(checkout, built, work.resolve(forThis), platform, date);
    report(tar(forThis));
    report(image(LinuxRoot.of(complete, work.resolve("image"))));
  }

  private static void report(Path file) throws IOException {
    System.out.printf("%s: %.1f MB%n", file, Files.size(file) / 1e6);
  }

  private Path zip(ProgramFolder folder, Path to) throws IOException {
    archive.zip(folder.path(), to);
    return to;
  }

  private Path tar(String name) throws IOException, InterruptedException {
    Path tar = work.resolve(name + ".tar");
    Path to = built.resolve(name + ".tar.gz");
    archive.tar(tar, work, List.of(name));
    Archive.gzip(tar, to);
    Files.delete(tar);
    return to;
  }

  /** In two layers: what changes with the JDK and the machine, and what changes with us. */
  private Path image(LinuxRoot root) throws IOException, InterruptedException {
    ImageArchive image = new ImageArchive(work.resolve("oci"), archive);
    String home = LinuxRoot.HOME;
    Path below = work.resolve("below.tar");
    List<String> system = new ArrayList<>(List.of("--anchored", "--exclude=" + home + "/[!r]*"));
    system.addAll(root.systemFolders());
    archive.tar(below, root.path(), system);
    archive.append(below, root.path(), LinuxRoot.USER, "700", LinuxRoot.DATA);
    archive.append(below, root.path(), 0, "1777", LinuxRoot.TEMPORARY);
    image.addLayer(below);
    Path above = work.resolve("above.tar");
    archive.tar(above, root.path(), List.of("--anchored", "--exclude=" + home + "/runtime", home));
    image.addLayer(above);
    Path to = built.resolve("afterbay-image.tar");
    image.write(
        new ImageArchive.Description(
            time.toString(), platform.container(), version, environment(), labels()),
        to);
    return to;
  }

  private static Map<String, String> environment() {
    return Map.of(
        "PATH", "/" + LinuxRoot.HOME + ":/bin",
        "AFTERBAY_HTTP_ADDRESS", "0.0.0.0",
        "AFTERBAY_DATA", "/" + LinuxRoot.DATA,
        "MALLOC_ARENA_MAX", "1",
        "ROCKSDB_MUSL_LIBC", "false");
  }

  private Map<String, String> labels() {
    String prefix = "org.opencontainers.image.";
    return Map.of(
        prefix + "title",
        "Afterbay",
        prefix + "description",
        "A durable queue and job engine",
        prefix + "version",
        version,
        prefix + "created",
        time.toString(),
        prefix + "licenses",
        "Apache-2.0",
        prefix + "url",
        url,
        prefix + "source",
        source);
  }
}
