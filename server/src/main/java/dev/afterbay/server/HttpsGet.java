package dev.afterbay.server;

import dev.afterbay.handlers.OutgoingClient;
import dev.afterbay.http.sns.OutgoingGet;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What SNS has us ask for, by the client of the webhooks (decision 0012). */
final class HttpsGet implements OutgoingGet {
  /** sns.md 2. */
  private static final Duration CONNECT_AT_MOST = Duration.ofSeconds(3);

  private static final int OK = 200;

  private final OutgoingClient client;

  /**
   * @param trust null: the JVM's default
   */
  HttpsGet(@Nullable SSLContext trust) {
    client = new OutgoingClient(CONNECT_AT_MOST, trust);
  }

  @Override
  public Answer get(String url, int bytesMax, Duration atMost) throws InterruptedException {
    URI address = URI.create(url);
    if (!"https".equals(address.getScheme())) {
      throw new IllegalArgumentException("only https is spoken, not " + url);
    }
    try {
      return answer(client.get(address, bytesMax, atMost), bytesMax);
    } catch (IOException e) {
      return new Answer.Failed(String.valueOf(e.getMessage()));
    } catch (RejectedExecutionException _) {
      return new Answer.Failed("the server is being stopped");
    }
  }

  private static Answer answer(dev.afterbay.handlers.Answer answer, int bytesMax) {
    if (answer.status() != OK) {
      return new Answer.Status(answer.status());
    }
    return switch (answer.body()) {
      case WHOLE -> new Answer.Ok(new String(answer.bytes(), StandardCharsets.UTF_8));
      case CUT -> new Answer.TooLarge(bytesMax);
      case BROKEN -> new Answer.Failed("the answer, a 200, did not come to its end");
    };
  }

  @Override
  public void close() {
    client.close();
  }
}
