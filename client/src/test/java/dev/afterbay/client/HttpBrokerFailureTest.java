package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Message;
import dev.afterbay.Watch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What our client says when the server does not answer as it should. */
final class HttpBrokerFailureTest {

  private static final Message MESSAGE = Message.of("t", "x");

  private static URI uri(int port) {
    return URI.create("http://127.0.0.1:" + port + "/");
  }

  @Test
  void aConnectionThatIsRefusedIsUnavailable() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (HttpBroker broker = HttpBroker.of(uri(port))) {
      assertThatThrownBy(() -> broker.queue("q").send(MESSAGE))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("/queues/q/messages/batch");
      assertThatThrownBy(() -> broker.queue("q").receiver().receive(1, Duration.ZERO))
          .isInstanceOf(BrokerException.Unavailable.class);
      assertThatThrownBy(broker::queues).isInstanceOf(BrokerException.Unavailable.class);
    }
  }

  /** A server that reads a request and answers it with the given text, or hangs up. */
  private static Thread serve(ServerSocket server, String answer) {
    return serve(server, answer, new CountDownLatch(0));
  }

  /** As {@link #serve(ServerSocket, String)}, and keeps the connection open until it is over. */
  private static Thread serve(ServerSocket server, String answer, CountDownLatch over) {
    return Thread.ofVirtual()
        .start(() -> {
          try (Socket socket = server.accept()) {
            byte[] bytes = new byte[1 << 16];
            String read = "";
            while (!read.endsWith("}\n") && !read.startsWith("GET") && !read.endsWith("}")) {
              int count = socket.getInputStream().read(bytes);
              read += new String(bytes, 0, count, StandardCharsets.UTF_8);
            }
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
            over.await();
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  private static void fails(
      String answer, Class<? extends BrokerException> send, Class<? extends BrokerException> list)
      throws Exception {
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        HttpBroker broker = HttpBroker.of(uri(server.getLocalPort()))) {
      Thread first = serve(server, answer);
      assertThatThrownBy(() -> broker.queue("q").send(MESSAGE)).isInstanceOf(send);
      first.join();
      Thread second = serve(server, answer);
      assertThatThrownBy(broker::queues).isInstanceOf(list);
      second.join();
    }
  }

  private static String answer(int status, String type, String body) {
    return "HTTP/1.1 "
        + status
        + " X\r\nConnection: close\r\nContent-Type: "
        + type
        + "\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  @Test
  void aConnectionThatBreaksLeavesTheOutcomeOfASendUnknown() throws Exception {
    fails("HTTP/1.1 201", BrokerException.OutcomeUnknown.class, BrokerException.Unavailable.class);
  }

  @Test
  void anAnswerThatCannotBeReadIsUnavailable() throws Exception {
    fails(
        answer(200, "text/html", "<html>"),
        BrokerException.OutcomeUnknown.class,
        BrokerException.Unavailable.class);
  }

  @Test
  void aFailureOfAProxyIsNotTakenForOurs() throws Exception {
    fails(
        answer(502, "text/html", "<html>"),
        BrokerException.OutcomeUnknown.class,
        BrokerException.Unavailable.class);
  }

  @Test
  void aProblemIsTheExceptionThatItWas() throws Exception {
    String problem = "{\"type\":\"/problems/disk-full\",\"detail\":\"4 MiB left\",\"status\":507}";
    fails(
        answer(507, "application/problem+json", problem),
        BrokerException.DiskFull.class,
        BrokerException.DiskFull.class);
  }

  @Test
  void aServerThatFallsSilentEndsAWatch() throws Exception {
    String first = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1-0\n\n";
    CountDownLatch over = new CountDownLatch(1);
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        HttpTransport link =
            new HttpTransport(uri(server.getLocalPort()), HttpTransport.Patience.STANDARD)) {
      Thread silent = serve(server, first, over);
      try (HttpWatch watch = HttpWatch.open(link, Watch.Filter.ALL, null, Duration.ofMillis(50))) {
        assertThatThrownBy(() -> watch.next(1, Duration.ofMinutes(10)))
            .isInstanceOf(BrokerException.Unavailable.class)
            .hasMessageContaining("says nothing any more");
      }
      over.countDown();
      silent.join();
    }
  }
}
