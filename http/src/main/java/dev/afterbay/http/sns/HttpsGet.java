package dev.afterbay.http.sns;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** {@link OutgoingGet} with java.net.http. */
final class HttpsGet implements OutgoingGet {
  /*
   * The client's own timeout ends with the response headers, so the whole exchange is waited for
   * from outside and cancelled. HTTP/1.1, because one small answer gains nothing from HTTP/2.
   */

  private static final Duration CONNECT_AT_MOST = Duration.ofSeconds(3);

  private final Object opening = new Object();
  private final @Nullable SSLContext trust;
  private volatile @Nullable HttpClient client;

  /**
   * @param trust null: the JVM's default
   */
  HttpsGet(@Nullable SSLContext trust) {
    this.trust = trust;
  }

  @Override
  public Answer get(String url, int bytesMax, Duration atMost) throws InterruptedException {
    URI address = URI.create(url);
    if (!"https".equals(address.getScheme())) {
      throw new IllegalArgumentException("only https is spoken, not " + url);
    }
    HttpRequest request =
        HttpRequest.newBuilder(address).timeout(atMost).header("User-Agent", "afterbay").build();
    CompletableFuture<HttpResponse<Answer>> exchange =
        client().sendAsync(request, head -> new BoundedBody(head.statusCode(), bytesMax));
    try {
      return exchange.get(atMost.toMillis(), TimeUnit.MILLISECONDS).body();
    } catch (TimeoutException e) {
      return new Answer.Failed("no answer within " + atMost.toMillis() + " ms");
    } catch (ExecutionException e) {
      return new Answer.Failed(String.valueOf(e.getCause()));
    } finally {
      exchange.cancel(true);
    }
  }

  @Override
  public void close() {
    synchronized (opening) {
      HttpClient opened = client;
      if (opened != null) {
        opened.shutdownNow();
      }
    }
  }

  private HttpClient client() {
    HttpClient opened = client;
    if (opened != null) {
      return opened;
    }
    synchronized (opening) {
      opened = client;
      if (opened == null) {
        opened = open();
        client = opened;
      }
      return opened;
    }
  }

  private HttpClient open() {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_AT_MOST);
    if (trust != null) {
      builder.sslContext(trust);
    }
    return builder.build();
  }
}
