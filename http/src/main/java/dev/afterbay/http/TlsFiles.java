package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** What the files of a listener hold at a time; they are small, so all of it is compared. */
@SuppressWarnings("ArrayRecordComponent") // compared by digest
record TlsFiles(
    byte[] certificate,
    byte @Nullable [] key,
    byte @Nullable [] password,
    byte @Nullable [] clientCa) {

  private static final int BYTES_MAX = 1 << 20;

  /**
   * @throws Rejected if one cannot be read; its field is the setting
   */
  static TlsFiles read(TlsSettings settings) {
    return new TlsFiles(
        read(TlsSettings.CERTIFICATE, settings.certificate()),
        readIfGiven(TlsSettings.KEY_FILE, settings),
        readIfGiven(TlsSettings.PASSWORD_FILE, settings),
        readIfGiven(TlsSettings.CLIENT_CA, settings));
  }

  private static byte @Nullable [] readIfGiven(String setting, TlsSettings settings) {
    Path file = settings.file(setting);
    return file == null ? null : read(setting, file);
  }

  /** Nothing is read but a file: a pipe would keep whoever reads it waiting. */
  private static byte[] read(String setting, Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new Rejected(setting, "must be a file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(BYTES_MAX + 1);
      if (content.length <= BYTES_MAX) {
        return content;
      }
    } catch (NoSuchFileException e) {
      throw new Rejected(setting, "must be a file: there is none", e);
    } catch (IOException e) {
      throw new Rejected(setting, "must be a readable file (" + e + ")", e);
    }
    throw new Rejected(setting, "must be a file of at most 1 MiB");
  }

  /** Null: none is given. */
  char @Nullable [] passwordChars() {
    return password == null
        ? null
        : new String(password, StandardCharsets.UTF_8).strip().toCharArray();
  }

  /** The same for the same content. */
  String digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : new byte[][] {certificate, key, password, clientCa}) {
        byte[] own = part == null ? new byte[0] : part;
        digest.update((own.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(own);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
