package dev.afterbay.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Folders that are gone when the program is, even if it is interrupted. */
final class Folders implements AutoCloseable {

  private final Path folder;
  private final Thread tidying = new Thread(this::delete);

  private Folders(Path folder) {
    this.folder = folder;
  }

  /** Makes a new folder in the given one, which may have to be made itself. */
  static Folders in(Path parent) throws IOException {
    Files.createDirectories(parent);
    Folders folders = new Folders(Files.createTempDirectory(parent, "afterbay-bench"));
    Runtime.getRuntime().addShutdownHook(folders.tidying);
    return folders;
  }

  Path path() {
    return folder;
  }

  @Override
  public void close() {
    delete();
    Runtime.getRuntime().removeShutdownHook(tidying);
  }

  private void delete() {
    try {
      delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be deleted: delete it by hand", e);
    }
  }

  /** Deletes the folder and all that is in it. */
  static void delete(Path folder) throws IOException {
    Files.walkFileTree(folder, new Deleting());
  }

  private static final class Deleting extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(visited);
      return FileVisitResult.CONTINUE;
    }
  }
}
