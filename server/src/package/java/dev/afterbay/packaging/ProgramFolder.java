package dev.afterbay.packaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The folder that people unpack: launcher, jar, libraries, licence and documents, with or without a
 * runtime.
 *
 * @param path of the folder
 */
record ProgramFolder(Path path) {

  /**
   * The libraries in an archive for who has a JDK; all of RocksDB's would make it three times as
   * large.
   */
  private static final Set<String> USUAL_LIBRARIES =
      Set.of(
          "librocksdbjni-linux64.so",
          "librocksdbjni-linux64-musl.so",
          "librocksdbjni-linux-aarch64.so",
          "librocksdbjni-osx-x86_64.jnilib",
          "librocksdbjni-osx-arm64.jnilib",
          "librocksdbjni-win64.dll",
          "libnetty_quiche42_linux_x86_64.so",
          "libnetty_quiche42_linux_aarch_64.so");

  /** Runs the command $0 as if its folder were the folder $1. */
  private static final String ELSEWHERE =
      """
      mount --bind "$1" /mnt
      mount -t tmpfs tmpfs /opt
      mkdir "${0%/*}"
      mount --bind /mnt "${0%/*}"
      exec "$0" --version
      """;

  /**
   * For many machines, with a JDK.
   *
   * @param built where Maven builds the server
   */
  static ProgramFolder portable(Path checkout, Path built, Path path)
      throws IOException, InterruptedException {
    ProgramFolder folder = new ProgramFolder(path);
    folder.begin(checkout, built, name -> true, USUAL_LIBRARIES::contains, _ -> false);
    Tool.copy(checkout.resolve("server/src/package/afterbay.cmd"), path);
    return folder;
  }

  /** For machines as this one, with a runtime and a start-up cache. */
  static ProgramFolder complete(
      Path checkout, Path built, Path path, Platform platform, FileTime time)
      throws IOException, InterruptedException {
    ProgramFolder folder = new ProgramFolder(path);
    folder.begin(checkout, built, jar -> !platform.isForOthers(jar), _ -> false, platform::has);
    JavaRuntime.link(path.resolve("lib"), path.resolve("runtime"));
    folder.date(time);
    folder.train();
    return folder;
  }

  private void begin(
      Path checkout,
      Path built,
      Predicate<String> jars,
      Predicate<String> kept,
      Predicate<String> taken)
      throws IOException, InterruptedException {
    Path lib = Files.createDirectories(path.resolve("lib"));
    for (String name : List.of("afterbay", "LICENSE", "README.md")) {
      Tool.copy(checkout.resolve(name), path);
    }
    Tool.copy(checkout.resolve("docs"), path);
    Path parts = built.resolve("afterbay-sbom.json");
    if (!Files.exists(parts)) {
      throw new IOException(
          parts + " is not there: CycloneDX makes it only while Maven is online, so without -o");
    }
    Tool.copy(parts, path);
    Tool.copy(built.resolve("afterbay.jar"), path);
    try (Stream<Path> all = Files.list(built.resolve("lib"))) {
      for (Path jar : all.sorted().toList()) {
        String name = jar.getFileName().toString();
        if (jars.test(name)) {
          NativeLibraries.copy(jar, lib.resolve(name), kept, taken, path.resolve("native"));
        }
      }
    }
  }

  /**
   * Lets the launcher do in here what it does at a first start. The JVM takes the cache only beside
   * files that are as old and as large as those that it was made from; where they are is all the
   * same to it, as long as they lie to each other as they did. But their paths stand in the cache:
   * so this folder seems to be where an image has it, if this user may let it seem so.
   */
  private void train() throws IOException, InterruptedException {
    String command = "/" + LinuxRoot.HOME + "/afterbay";
    try {
      Tool.run("unshare", "--map-root-user", "--mount", "sh", "-ec", ELSEWHERE, command, path);
    } catch (IOException e) {
      System.out.println("the paths of this build stand in the start-up cache: " + e.getMessage());
      Tool.run(path.resolve("afterbay"), "--version");
    }
    Path cache = path.resolve("afterbay.aot");
    if (!Files.exists(cache) || Files.size(cache) == 0) {
      throw new IOException("the server could not be started to make its start-up cache");
    }
    Files.deleteIfExists(path.resolve("launcher.lock"));
  }

  /** Makes all of it as old, so that the same sources make the same archive. */
  void date(FileTime time) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      all.forEach(each -> {
        try {
          Files.getFileAttributeView(each, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
              .setTimes(time, null, null);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }
}
