package dev.afterbay.http;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Vert.x's client, which speaks HTTP/3 and nothing else. */
final class Http3Client implements AutoCloseable {

  private static final long SECONDS_MAX = 30;
  private static final JsonMapper JSON = new JsonMapper();

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpClient client;
  private final int port;

  Http3Client(int port, TestAuthority trusted, TestAuthority.@Nullable Certified shown) {
    this.port = port;
    ClientSSLOptions tls =
        new ClientSSLOptions()
            .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(trusted.pem())));
    if (shown != null) {
      tls.setKeyCertOptions(
          new PemKeyCertOptions()
              .setCertValue(Buffer.buffer(shown.chain()))
              .setKeyValue(Buffer.buffer(shown.key())));
    }
    HttpClientConfig config = new HttpClientConfig().setSsl(true).setVersions(HttpVersion.HTTP_3);
    client = vertx.createHttpClient(config, tls);
  }

  record Reply(HttpVersion version, int status, MultiMap headers, String text) {

    String at(String pointer) {
      return JSON.readTree(text).at(pointer).asString();
    }
  }

  Reply get(String path) {
    return call("GET", path, null);
  }

  Reply post(String path, String body) {
    return call("POST", path, Buffer.buffer(body));
  }

  Reply call(String method, String path, @Nullable Buffer body) {
    return await(
        begin(method, path)
            .compose(request -> body == null ? request.send() : request.send(body))
            .compose(Http3Client::read));
  }

  /** Without waiting for the answer. */
  Future<Reply> send(String method, String path, @Nullable String body) {
    return begin(method, path)
        .compose(request -> body == null ? request.send() : request.send(body))
        .compose(Http3Client::read);
  }

  Future<HttpClientRequest> begin(String method, String path) {
    return client.request(HttpMethod.valueOf(method), port, "localhost", path);
  }

  static Future<Reply> read(HttpClientResponse response) {
    return response
        .body()
        .map(body ->
            new Reply(
                response.version(), response.statusCode(), response.headers(), body.toString()));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
