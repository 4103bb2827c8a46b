package dev.afterbay.packaging;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Files in one file, the same for the same files, whoever packs them. */
final class Archive {
  private final FileTime time;

  Archive(FileTime time) {
    this.time = time;
  }

  /** What belongs to root, as everything but data does. */
  void tar(Path to, Path from, List<String> options) throws IOException, InterruptedException {
    tar("-c", to, from, 0, "u=rwX,go=rX", options);
  }

  /** Adds folders and what is in them. */
  void append(Path to, Path from, int owner, String mode, String name)
      throws IOException, InterruptedException {
    tar("-r", to, from, owner, mode, List.of(name));
  }

  private void tar(String what, Path to, Path from, int owner, String mode, List<String> options)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "tar",
                what,
                "--format=gnu",
                "--sort=name",
                "--numeric-owner",
                "--owner=" + owner,
                "--group=" + owner,
                "--mode=" + mode,
                "--mtime=@" + time.toInstant().getEpochSecond(),
                "--file=" + to,
                "--directory=" + from));
    command.addAll(options);
    Tool.run(command);
  }

  static void gzip(Path from, Path to) throws IOException {
    try (InputStream in = Files.newInputStream(from);
        OutputStream out = new GZIPOutputStream(Files.newOutputStream(to), 1 << 16)) {
      in.transferTo(out);
    }
  }

  /** Packs a folder under its own name. */
  void zip(Path folder, Path to) throws IOException {
    Files.deleteIfExists(to);
    Map<String, String> options = Map.of("create", "true", "enablePosixFileAttributes", "true");
    try (FileSystem zip = FileSystems.newFileSystem(to, options);
        Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted().toList()) {
        Path packed = zip.getPath(folder.getParent().relativize(file).toString());
        String permissions = Files.isExecutable(file) ? "rwxr-xr-x" : "rw-r--r--";
        if (Files.isDirectory(file)) {
          Files.createDirectories(packed);
        } else {
          Files.copy(file, packed);
        }
        Files.setPosixFilePermissions(packed, PosixFilePermissions.fromString(permissions));
        Files.setLastModifiedTime(packed, time);
      }
    }
  }
}
