package dev.afterbay;

/**
 * Proof of one attempt that can leave the process. Opaque; its fence makes an old one harmless.
 *
 * @param value up to {@value #CHARS_MAX} characters of {@code A-Z a-z 0-9 - _}
 */
public record Receipt(String value) {

  public static final int CHARS_MAX = 512;
}
