package dev.afterbay.http;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What a request is answered. */
final class Response {

  private static final String JSON = "application/json";
  private static final byte[] EMPTY = new byte[0];

  /** The action has written its answer itself. */
  static final Response STREAMED = empty(0);

  private final int status;
  private final @Nullable String contentType;
  private final List<byte[]> parts;
  private final Map<String, String> headers;
  private final @Nullable Runnable lost;

  /** Null: nothing is wrong. */
  private final @Nullable Problem problem;

  private Response(
      int status,
      @Nullable String contentType,
      List<byte[]> parts,
      Map<String, String> headers,
      @Nullable Runnable lost,
      @Nullable Problem problem) {
    this.status = status;
    this.contentType = contentType;
    this.parts = parts;
    this.headers = headers;
    this.lost = lost;
    this.problem = problem;
  }

  static Response empty(int status) {
    return new Response(status, null, List.of(EMPTY), Map.of(), null, null);
  }

  /** The head alone of what {@link #STREAMED} would be. */
  static Response headOfStream(String contentType) {
    return new Response(200, contentType, List.of(), Map.of(), null, null);
  }

  static Response of(int status, String contentType, byte[] body) {
    return new Response(status, contentType, List.of(body), Map.of(), null, null);
  }

  static Response json(int status, byte[] body) {
    return of(status, JSON, body);
  }

  /** A JSON object. */
  static Response object(int status, Consumer<JsonGenerator> members) {
    return object(
        status,
        Json.writeParts(json -> {
          json.writeStartObject();
          members.accept(json);
          json.writeEndObject();
        }));
  }

  /** A JSON object that is written already. */
  static Response object(int status, List<byte[]> parts) {
    return new Response(status, JSON, parts, Map.of(), null, null);
  }

  /** The answer to a change that was made: what fails now does not mean that it was not. */
  static Response afterChange(Supplier<Response> answer) {
    try {
      return answer.get();
    } catch (BrokerException e) {
      String why = "it was done but cannot be shown: " + e.getMessage();
      throw new BrokerException.OutcomeUnknown(why, e);
    }
  }

  static Response of(Problem problem) {
    return of(problem, _ -> {});
  }

  /** With members of its own. */
  static Response of(Problem problem, Consumer<JsonGenerator> members) {
    Duration after = problem.retryAfter();
    return new Response(
        problem.type().status(),
        Problem.CONTENT_TYPE,
        List.of(problem.json(members)),
        after == null ? Map.of() : Map.of("Retry-After", "" + after.toSeconds()),
        null,
        problem);
  }

  Response header(String name, String value) {
    return headers(Map.of(name, value));
  }

  Response headers(Map<String, String> headers) {
    return new Response(status, contentType, parts, headers, lost, problem);
  }

  /**
   * @param lost runs if the client does not get the answer
   */
  Response orElse(Runnable lost) {
    return new Response(status, contentType, parts, headers, lost, problem);
  }

  boolean isStreamed() {
    return status == 0;
  }

  int status() {
    return status;
  }

  /** Null: there is no body. */
  @Nullable String contentType() {
    return contentType;
  }

  /** What it says is wrong; null: nothing. */
  @Nullable Problem problem() {
    return problem;
  }

  /** At least one, but for the head of a stream. */
  List<byte[]> parts() {
    return parts;
  }

  /** Whether its length may be told: a 204 has none, and that of a stream is not known. */
  boolean hasLength() {
    return status != 204 && !parts.isEmpty();
  }

  int length() {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    return length;
  }

  Map<String, String> headers() {
    return headers;
  }

  /** The client did not get it. */
  void isLost() {
    if (lost != null) {
      Thread.ofVirtual().name("afterbay-http-lost").start(lost);
    }
  }
}
