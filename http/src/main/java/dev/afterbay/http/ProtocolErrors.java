package dev.afterbay.http;

import dev.afterbay.PlainText;
import dev.afterbay.client.wire.Problem;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** What is said of a request that is no HTTP. */
final class ProtocolErrors {

  private ProtocolErrors() {}

  static Problem problem(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ ->
          Problem.of(
              Problem.Type.URI_TOO_LONG,
              "the address must have at most " + HttpApi.LINE_BYTES_MAX + " bytes");
      case TooLongHttpHeaderException _ ->
          Problem.of(
              Problem.Type.HEADERS_TOO_LARGE,
              "the headers must have at most " + HttpApi.HEADER_BYTES_MAX + " bytes");
      default -> Problem.invalid("request", "malformed HTTP request: " + text(cause));
    };
  }

  private static String text(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    return text.length() <= 200 ? text : PlainText.cut(text, 200) + "...";
  }
}
