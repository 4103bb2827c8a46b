package dev.afterbay.http;

import dev.afterbay.PlainText;
import dev.afterbay.client.wire.Problem;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** What is said of a request that is no HTTP. */
final class ProtocolErrors {

  static final Problem URI_TOO_LONG =
      Problem.of(
          Problem.Type.URI_TOO_LONG,
          "the address must have at most " + HttpApi.ADDRESS_BYTES_MAX + " bytes");

  private ProtocolErrors() {}

  static Problem problem(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ -> URI_TOO_LONG;
      case VersionGuard.UnknownVersion version ->
          Problem.of(
              Problem.Type.HTTP_VERSION_NOT_SUPPORTED,
              "this connection speaks HTTP/1.1, not " + version.getMessage());
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
