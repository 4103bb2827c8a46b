package dev.afterbay.examples;

import com.sun.net.httpserver.HttpServer;
import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.handlers.TelegramHandler;
import dev.afterbay.handlers.TelegramToken;
import dev.afterbay.worker.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/**
 * A bot sends what its jobs say. A server on this machine stands in for Telegram; without {@code
 * .api(...)}, and with the token that @BotFather gave, it is the real one.
 */
public final class SendTelegram {

  private SendTelegram() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    CountDownLatch sent = new CountDownLatch(1);
    HttpServer standIn = standIn(sent);
    TelegramHandler.Settings bot =
        TelegramHandler.Settings.of(TelegramToken.parse("123456:ABC-DEF1234ghIkl-zyx57W2v1u123"))
            .api(URI.create("http://127.0.0.1:" + standIn.getAddress().getPort()));
    try (Broker broker = Broker.inMemory();
        TelegramHandler handler = new TelegramHandler(bot)) {
      Queue queue = broker.queue("chat");
      queue.send(Message.of("telegram", "{\"chat_id\":\"@teapots\",\"text\":\"Tea is ready\"}"));
      try (Worker _ = Worker.of(queue).handle("telegram", handler).start()) {
        sent.await();
      }
      System.out.println("left: " + queue.stats().depth());
    } finally {
      standIn.stop(0);
    }
  }

  private static HttpServer standIn(CountDownLatch sent) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String message =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            System.out.println(message);
            byte[] answer =
                "{\"ok\":true,\"result\":{\"message_id\":1}}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
          sent.countDown();
        });
    server.start();
    return server;
  }
}
