package dev.afterbay.client;

import dev.afterbay.client.wire.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A call whose body is a list of things that several callers can ask for together.
 *
 * @param head what is before the first of them, in ASCII, as the others
 * @param between what is between two of them
 * @param tail what is behind the last
 */
record BatchCall(String path, String head, String between, String tail, Problem.Subject subject) {

  /** NDJSON: each part ends its own lines. */
  static BatchCall lines(String path, Problem.Subject subject) {
    return new BatchCall(path, "", "", "", subject);
  }

  /**
   * An array in an object.
   *
   * @param members what comes behind it, with a comma before
   */
  static BatchCall array(String path, String name, String members, Problem.Subject subject) {
    return new BatchCall(path, "{\"" + name + "\":[", ",", "]" + members + "}", subject);
  }

  HttpTransport.Call call(List<Gatherer.Part> parts) {
    return HttpTransport.Call.post(path, body(parts));
  }

  private byte[] body(List<Gatherer.Part> parts) {
    int length = head.length() + tail.length() + between.length() * (parts.size() - 1);
    for (Gatherer.Part part : parts) {
      length = Math.addExact(length, part.bytes().length);
    }
    byte[] body = new byte[length];
    int to = put(ascii(head), body, 0);
    byte[] comma = ascii(between);
    for (int i = 0; i < parts.size(); i++) {
      to = i == 0 ? to : put(comma, body, to);
      to = put(parts.get(i).bytes(), body, to);
    }
    put(ascii(tail), body, to);
    return body;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static int put(byte[] bytes, byte[] into, int at) {
    System.arraycopy(bytes, 0, into, at, bytes.length);
    return at + bytes.length;
  }
}
