package dev.afterbay.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Requests of the HTTP API as bytes. */
final class Requests {

  private static final String OWN_HOST = "localhost";

  private Requests() {}

  static byte[] get(String path) {
    return ascii("GET " + path + " HTTP/1.1\r\nHost: " + OWN_HOST + "\r\n\r\n");
  }

  static byte[] send(String queue, byte[] body) {
    return post("/queues/" + queue + "/messages", "Content-Type: text/plain\r\n", body);
  }

  /** A job of the type {@code bench}. */
  static byte[] job(String queue, byte[] payload) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(ascii("{\"queue\":\"" + queue + "\",\"job_type\":\"bench\",\"payload\":\""));
    body.writeBytes(payload);
    body.writeBytes(ascii("\"}"));
    return post("/jobs", "Content-Type: application/json\r\n", body.toByteArray());
  }

  /** The same message so many times. */
  static byte[] batch(String queue, byte[] body, int messages) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    byte[] before = ascii("{\"content_type\":\"text/plain\",\"body\":\"");
    byte[] after = ascii("\"}\n");
    for (int i = 0; i < messages; i++) {
      lines.writeBytes(before);
      lines.writeBytes(body);
      lines.writeBytes(after);
    }
    return post(
        "/queues/" + queue + "/messages/batch",
        "Content-Type: application/x-ndjson\r\n",
        lines.toByteArray());
  }

  static byte[] receive(String queue, int max, long waitMillis) {
    String body = "{\"max\":" + max + ",\"wait\":\"" + waitMillis + "ms\"}";
    return json("/queues/" + queue + "/receive", body);
  }

  static byte[] settle(String queue, List<String> receipts) {
    StringBuilder body = new StringBuilder("{\"settlements\":[");
    for (String receipt : receipts) {
      body.append(body.charAt(body.length() - 1) == '[' ? "" : ",")
          .append("{\"receipt\":\"")
          .append(receipt)
          .append("\",\"outcome\":\"done\"}");
    }
    return json("/queues/" + queue + "/settle", body.append("]}").toString());
  }

  private static byte[] json(String path, String body) {
    return post(path, "Content-Type: application/json\r\n", ascii(body));
  }

  /**
   * @param headers each ended by CR LF
   */
  static byte[] post(String path, String headers, byte[] body) {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(
        ascii(
            "POST "
                + path
                + " HTTP/1.1\r\nHost: "
                + OWN_HOST
                + "\r\n"
                + headers
                + "Content-Length: "
                + body.length
                + "\r\n\r\n"));
    request.writeBytes(body);
    return request.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
