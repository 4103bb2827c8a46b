package dev.afterbay.http.sns;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Certificates in files: those that the operator put there (setting {@code sns.cert_dir}, file name
 * = last part of the URL) and our own copies of fetched ones, for a restart without network.
 *
 * @param known null: none
 * @param copies null: none are kept; made when the first copy is written
 */
record CertificateFolders(@Nullable Path known, @Nullable Path copies) {
  /** Most files in the folder of copies; further ones are not kept. */
  static final int COPIES_MAX = 64;

  private static final Logger LOG = System.getLogger(CertificateFolders.class.getName());
  private static final Pattern FILE_NAME =
      Pattern.compile("SimpleNotificationService-[0-9a-f]{32}\\.pem");

  /**
   * The operator's certificate for this URL, or null if there is none.
   *
   * @throws RefusedException if it is there and cannot be read: our fault, so not final
   */
  @Nullable String findKnown(String url) throws RefusedException {
    if (known == null) {
      return null;
    }
    Path file = known.resolve(fileName(url));
    try {
      return read(file);
    } catch (IOException e) {
      throw RefusalReason.CERTIFICATE_UNAVAILABLE.because("cannot read " + file + ": " + e);
    }
  }

  /** Our copy of what this URL served once, or null. */
  @Nullable String findCopy(String url) {
    if (copies == null) {
      return null;
    }
    try {
      return read(copy(copies, url));
    } catch (IOException e) {
      LOG.log(
          Level.WARNING, "cannot read the copy of the certificate " + url + ": " + e.toString());
      return null;
    }
  }

  /** Keeps a copy if it can: without one only a restart without network suffers. */
  void keepCopy(String url, String pem) {
    if (copies == null) {
      return;
    }
    try {
      Files.createDirectories(copies);
      Path file = copy(copies, url);
      if (Files.notExists(file) && isFull(copies)) {
        LOG.log(
            Level.WARNING, copies + " holds " + COPIES_MAX + " certificates: remove the old ones");
        return;
      }
      Path written = Files.createTempFile(copies, "fetched", ".tmp");
      Files.writeString(written, pem);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot keep a copy of the certificate " + url + ": " + e.toString());
    }
  }

  private static boolean isFull(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.count() >= COPIES_MAX;
    }
  }

  private static @Nullable String read(Path file) throws IOException {
    try (InputStream bytes = Files.newInputStream(file)) {
      // One byte more than allowed, so that a file that is too long does not look whole.
      return new String(bytes.readNBytes(Certificates.PEM_BYTES_MAX + 1), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Host and file name: a host has no underscore, so two URLs never share a file. */
  private static Path copy(Path folder, String url) {
    String host = url.substring(url.indexOf("//") + 2, url.lastIndexOf('/'));
    return folder.resolve(host + "_" + fileName(url));
  }

  private static String fileName(String url) {
    String name = url.substring(url.lastIndexOf('/') + 1);
    if (!FILE_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not the URL of a signing certificate: " + url);
    }
    return name;
  }
}
