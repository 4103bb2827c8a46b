package dev.afterbay.handlers;

import dev.afterbay.JobContext;
import dev.afterbay.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The beginning of a program's standard output; the rest is counted. */
final class ProgramOutput {

  private static final int CONTINUATION_MASK = 0xc0;
  private static final int CONTINUATION = 0x80;

  private final int bytesMax;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long total;

  ProgramOutput(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  synchronized void add(byte[] chunk, int length) {
    kept.write(chunk, 0, Math.min(length, bytesMax - kept.size()));
    total += length;
  }

  /** It is the result, with its last line saying so if it was cut. */
  void tell(JobContext context) {
    byte[] bytes;
    long written;
    synchronized (this) {
      bytes = kept.toByteArray();
      written = total;
    }
    if (written > bytes.length) {
      String note =
          "[cut: the program wrote " + written + " bytes, output_max is " + bytesMax + "]";
      context.log("standard output " + note);
      bytes = cut(bytes, "\n" + note);
    }
    if (bytes.length > 0) {
      context.result(contentType(bytes), bytes);
    }
  }

  private static byte[] cut(byte[] bytes, String note) {
    byte[] end = note.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= end.length) {
      return bytes;
    }
    int length = bytes.length - end.length;
    while (length > 0 && (bytes[length] & CONTINUATION_MASK) == CONTINUATION) {
      length--; // Never within a character.
    }
    byte[] cut = Arrays.copyOf(bytes, length + end.length);
    System.arraycopy(end, 0, cut, length, end.length);
    return cut;
  }

  private static String contentType(byte[] bytes) {
    String text = PayloadJson.utf8(bytes);
    if (text == null) {
      return Message.BYTES;
    }
    return PayloadJson.isContainer(text) ? "application/json" : Message.TEXT;
  }
}
