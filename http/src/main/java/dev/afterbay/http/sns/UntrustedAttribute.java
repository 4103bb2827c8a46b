package dev.afterbay.http.sns;

/**
 * A message attribute. SNS does not sign attributes: anybody on the path may have written, changed
 * or removed it (sns.md 0.9).
 *
 * @param type such as {@code String}, {@code String.Array}, {@code Number}, {@code Binary}
 * @param value as text, whatever the type; Base64 for Binary, JSON for String.Array
 */
public record UntrustedAttribute(String type, String value) {}
