package dev.afterbay.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * One thing of a PEM file (RFC 7468). What stands between the blocks is for people.
 *
 * @param type such as {@code CERTIFICATE}
 * @param content in DER
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PemBlock(String type, byte[] content) {

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  /**
   * All blocks, none if this is another kind of file.
   *
   * @throws IllegalArgumentException if one has no end, or is not base64
   */
  static List<PemBlock> all(byte[] file) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    List<PemBlock> blocks = new ArrayList<>();
    int begin = text.indexOf(BEGIN);
    while (begin >= 0) {
      int typeAt = begin + BEGIN.length();
      String type = text.substring(typeAt, find(text, DASHES, typeAt));
      int bodyAt = typeAt + type.length() + DASHES.length();
      String end = END + type + DASHES;
      int endAt = find(text, end, bodyAt);
      blocks.add(new PemBlock(type, content(type, text.substring(bodyAt, endAt))));
      begin = text.indexOf(BEGIN, endAt + end.length());
    }
    return blocks;
  }

  private static int find(String text, String part, int from) {
    int at = text.indexOf(part, from);
    if (at < 0) {
      throw new IllegalArgumentException("must be whole: there is no " + part.strip());
    }
    return at;
  }

  private static byte[] content(String type, String body) {
    if (body.contains("Proc-Type:")) {
      throw new IllegalArgumentException(
          "must be encrypted as PKCS#8 (openssl pkcs8 -topk8), or not at all, not by OpenSSL's"
              + " own way of old");
    }
    try {
      return Base64.getDecoder().decode(body.replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be base64 within the block " + type, e);
    }
  }
}
