package dev.afterbay.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls an API as any client does. */
final class Http implements AutoCloseable {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final URI base;
  private final HttpClient client;

  Http(Served served) {
    this(served.uri(), HttpClient.Version.HTTP_1_1);
  }

  Http(URI base, HttpClient.Version version) {
    this(base, HttpClient.newBuilder().version(version).build());
  }

  Http(URI base, HttpClient client) {
    this.base = base;
    this.client = client;
  }

  /** An answer. */
  record Reply(int status, String text, HttpResponse<String> response) {

    JsonNode json() {
      return MAPPER.readTree(text);
    }

    /** The value at a JSON pointer, as text. */
    String at(String pointer) {
      JsonNode node = json().at(pointer);
      return node.isValueNode() ? node.asString() : node.toString();
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    /** The last part of a problem's type. */
    String problem() {
      return at("/type").replace("/problems/", "");
    }
  }

  Reply get(String path) {
    return call("GET", path, null);
  }

  Reply post(String path, String body, String... headers) {
    return call("POST", path, body, headers);
  }

  Reply post(String path) {
    return call("POST", path, null);
  }

  Reply put(String path, String body) {
    return call("PUT", path, body);
  }

  Reply delete(String path) {
    return call("DELETE", path, null);
  }

  Reply call(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      Reply reply = new Reply(response.statusCode(), response.body(), response);
      Documented.check(method, path, reply);
      return reply;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
