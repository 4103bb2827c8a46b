package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Broker;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What the receivers of requests leave in memory. */
final class OpenReceiversTest {

  private static final String NOTHING_TO_DO = "{\"max\":1}";

  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();

  @Test
  void aReceiveLeavesNoReceiverHoweverItEnds() {
    UnaryOperator<HttpApiServices> counted =
        services ->
            new HttpApiServices(
                counted(Broker.class, services.broker()),
                services.clock(),
                services.defaults(),
                services.health(),
                services.types(),
                services.meters(),
                services.scrape(),
                services.version(),
                services.sns());
    try (Served served =
            Served.open(null, engine -> engine.autoCreateQueues(false), same -> same, counted);
        Http http = new Http(served)) {
      for (int i = 0; i < 100; i++) {
        assertThat(http.post("/queues/never" + i + "/receive", NOTHING_TO_DO).status())
            .isEqualTo(404);
      }
      assertThat(http.put("/queues/q", "{}").status()).isIn(200, 201);
      assertThat(http.post("/queues/q/receive", NOTHING_TO_DO).status()).isEqualTo(200);
      assertThat(http.post("/queues/q/messages", "x").status()).isEqualTo(201);
      assertThat(http.post("/queues/q/receive", NOTHING_TO_DO).status()).isEqualTo(200);
      assertThat(opened).hasValue(102);
      assertThat(closed).hasValue(102);
    }
  }

  /** Counts the receivers that are opened and closed. */
  private <T> T counted(Class<T> type, T object) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              Object answer;
              try {
                answer = method.invoke(object, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (object instanceof Receiver && method.getName().equals("close")) {
                closed.incrementAndGet();
              }
              if (answer instanceof Receiver receiver) {
                opened.incrementAndGet();
                return counted(Receiver.class, receiver);
              }
              return answer instanceof Queue queue ? counted(Queue.class, queue) : answer;
            }));
  }
}
