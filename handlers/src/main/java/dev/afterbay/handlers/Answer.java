package dev.afterbay.handlers;

import dev.afterbay.PlainText;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/** The answer of a server as far as it came. Its status decides, whatever follows it. */
public final class Answer {

  static final int TEXT_CHARS_MAX = 200;

  /** Enough for that many characters of UTF-8. */
  static final int TEXT_BYTES_MAX = 4 * TEXT_CHARS_MAX;

  /** How much of the body was read. */
  public enum Body {
    /** All of it. */
    WHOLE,
    /** It is longer than was to be read. */
    CUT,
    /** It did not come to its end, or nobody can tell where that is. */
    BROKEN
  }

  private final int status;
  private final HttpHeaders headers;
  private final Body body;
  private final byte[] bytes;

  Answer(int status, HttpHeaders headers, Body body, byte[] bytes) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.bytes = bytes;
  }

  public int status() {
    return status;
  }

  /** The first of that name, in any case; empty: there is none. */
  String header(String name) {
    return headers.get(name, "").strip();
  }

  public Body body() {
    return body;
  }

  /** The beginning of the body, as much of it as came and was to be kept. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The first characters of the body on one line, without what a terminal obeys. */
  String text() {
    int length = Math.min(bytes.length, TEXT_BYTES_MAX);
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return PlainText.line(line, TEXT_CHARS_MAX).strip();
  }
}
