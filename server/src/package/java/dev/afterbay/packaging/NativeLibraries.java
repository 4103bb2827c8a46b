package dev.afterbay.packaging;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The libraries that jars bring for many machines: RocksDB's jar alone has 90 MB of them. Which are
 * left in the jar is up to who packages; one can be taken out of it, which saves each start to
 * unpack it, and lets the file system be read-only.
 */
final class NativeLibraries {
  private static final Pattern LIBRARY = Pattern.compile(".*\\.(so|jnilib|dylib|dll)");

  private NativeLibraries() {}

  /**
   * Copies a jar, without its libraries but for some.
   *
   * @param kept by the name of the file, whether it stays in the jar
   * @param taken by the name of the file, whether it is put beside
   * @param folder where
   */
  static void copy(Path jar, Path to, Predicate<String> kept, Predicate<String> taken, Path folder)
      throws IOException {
    try (ZipFile from = new ZipFile(jar.toFile())) {
      if (from.stream().noneMatch(entry -> isLibrary(entry.getName()))) {
        Files.copy(jar, to);
        return;
      }
      try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
        Enumeration<? extends ZipEntry> entries = from.entries();
        while (entries.hasMoreElements()) {
          ZipEntry entry = entries.nextElement();
          String file = fileName(entry);
          if (isLibrary(file) && taken.test(file)) {
            Files.createDirectories(folder);
            copy(from, entry, folder.resolve(file));
          }
          if (!isLibrary(file) || kept.test(file)) {
            copy(from, entry, out);
          }
        }
      }
    }
  }

  private static boolean isLibrary(String name) {
    return LIBRARY.matcher(name).matches();
  }

  private static String fileName(ZipEntry entry) {
    return entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
  }

  private static void copy(ZipFile from, ZipEntry entry, Path to) throws IOException {
    try (OutputStream out = Files.newOutputStream(to)) {
      copyBytes(from, entry, out);
    }
  }

  private static void copy(ZipFile from, ZipEntry entry, ZipOutputStream out) throws IOException {
    ZipEntry copied = new ZipEntry(entry.getName());
    copied.setTimeLocal(entry.getTimeLocal());
    out.putNextEntry(copied);
    copyBytes(from, entry, out);
    out.closeEntry();
  }

  private static void copyBytes(ZipFile from, ZipEntry entry, OutputStream out) throws IOException {
    try (InputStream in = from.getInputStream(entry)) {
      in.transferTo(out);
    }
  }
}
