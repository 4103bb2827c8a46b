package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A backup is streamed as the store writes it, and one that breaks off looks like that. */
@Timeout(60)
final class BackupRoutesTest extends HttpTest {

  private static final byte[] PIECE =
      "0123456789abcdef".repeat(4 << 10).getBytes(StandardCharsets.US_ASCII);
  private static final String REQUEST =
      "POST /backup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";

  private volatile HttpApiServices.Backups backups = HttpApiServices.Backups.UNSUPPORTED;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable Exception ending;

  @Override
  Served open() {
    return Served.with(services -> services.backups(to -> backups.write(to)));
  }

  @Test
  void whatTheStoreWritesIsTheAnswer() {
    backups =
        to -> {
          for (int i = 0; i < 30; i++) {
            to.write(PIECE);
          }
          to.write('!');
        };
    Http.Reply reply = http.post("/backup");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("Content-Type")).hasValue("application/octet-stream");
    assertThat(reply.text())
        .isEqualTo(new String(PIECE, StandardCharsets.US_ASCII).repeat(30) + "!");
  }

  @Test
  void whyThereIsNoneIsAProblem() {
    assertThat(http.post("/backup").status()).isEqualTo(422);
    backups =
        _ -> {
          throw new BrokerException.Conflict("another one");
        };
    assertThat(http.post("/backup").status()).isEqualTo(409);
    backups =
        _ -> {
          throw new BrokerException.DiskFull("full");
        };
    assertThat(http.post("/backup").problem()).isEqualTo("disk-full");
    backups =
        _ -> {
          throw new IOException("a file cannot be read");
        };
    assertThat(http.post("/backup").problem()).isEqualTo("unavailable");
    assertThat(http.get("/backup").status()).isEqualTo(405);
  }

  @Test
  void oneThatBreaksOffHasNoEnd() throws IOException {
    backups =
        to -> {
          to.write(PIECE);
          to.write("the last word".getBytes(StandardCharsets.US_ASCII));
          throw new BrokerException.Unavailable("the disk is nearly full");
        };
    try (Socket socket = new Socket("localhost", served.uri().getPort())) {
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer)
          .startsWith("HTTP/1.1 200 OK")
          .endsWith("the last word\r\n")
          .doesNotContain("\r\n0\r\n");
    }
  }

  @Test
  void aClientThatIsGoneEndsIt() throws Exception {
    backups = this::endless;
    try (Socket socket = new Socket("localhost", served.uri().getPort())) {
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      assertThat(in.readNBytes(PIECE.length)).hasSize(PIECE.length);
    }
    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(ending).isNotNull();
  }

  @Test
  void closingTheServerEndsIt() throws Exception {
    backups = this::endless;
    try (Socket socket = new Socket("localhost", served.uri().getPort())) {
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().readNBytes(PIECE.length)).hasSize(PIECE.length);
      served.api.close();
      assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aClientThatTakesNothingEndsIt() throws Exception {
    backups = this::endless;
    HttpApiSettings.Patience standard = HttpApiSettings.Patience.STANDARD;
    HttpApiSettings.Patience brief =
        new HttpApiSettings.Patience(
            standard.header(),
            Duration.ofMillis(200),
            standard.idle(),
            standard.answer(),
            standard.close(),
            standard.comment());
    try (Served impatient =
            Served.open(
                null,
                engine -> engine,
                settings ->
                    new HttpApiSettings(
                        settings.main(), null, null, settings.callers(), brief, settings.bounds()),
                services -> services.backups(to -> backups.write(to)));
        Socket socket = new Socket("localhost", impatient.port())) {
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(ending).hasMessage("the client took nothing for 200ms");
      Soon.until(
          "its connection is closed, whatever waits to be written",
          () -> impatient.meters.get("afterbay.http.connections").gauge().value() == 0);
    }
  }

  private void endless(OutputStream to) throws IOException {
    try {
      while (true) {
        to.write(PIECE);
      }
    } catch (IOException | RuntimeException e) {
      ending = e;
      throw e;
    } finally {
      ended.countDown();
    }
  }
}
