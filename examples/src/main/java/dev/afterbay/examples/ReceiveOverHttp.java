package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receiver;
import dev.afterbay.engine.Engine;
import dev.afterbay.http.HttpApi;
import dev.afterbay.http.HttpApiServices;
import dev.afterbay.http.HttpApiSettings;
import dev.afterbay.ledger.MemoryStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/**
 * The same API against a server: {@code Broker.connect(URI.create("http://127.0.0.1:8080"))} is all
 * that a program elsewhere needs. Here the server is in the same program.
 */
public final class ReceiveOverHttp {
  private ReceiveOverHttp() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    try (Engine engine = Engine.owning(MemoryStore.open());
        HttpApi api = HttpApi.open(HttpApiSettings.on("127.0.0.1", 0), services(engine));
        Broker broker = Broker.connect(URI.create("http://127.0.0.1:" + api.port()))) {
      work(broker);
    }
  }

  private static void work(Broker broker) throws InterruptedException {
    Queue queue = broker.queue("orders");
    queue.send(Message.of("order", "two teapots"));
    try (Receiver receiver = queue.receiver()) {
      Delivery delivery = receiver.receive(1, Duration.ofSeconds(10)).getFirst();
      System.out.println("attempt " + delivery.attempt() + ": " + delivery.message().text());
      delivery.retry("no teapots today", Duration.ZERO);
      delivery = receiver.receive(1, Duration.ofSeconds(10)).getFirst();
      System.out.println("attempt " + delivery.attempt() + ": " + delivery.message().text());
      delivery.done();
    }
    System.out.println("left: " + queue.stats().depth());
  }

  private static HttpApiServices services(Engine engine) {
    return new HttpApiServices(
        engine,
        engine.clock()::now,
        QueueSettings.STANDARD,
        HttpApiServices.Health.GOOD,
        HttpApiServices.Types.ANY,
        new SimpleMeterRegistry(),
        _ -> "",
        "example",
        null);
  }
}
