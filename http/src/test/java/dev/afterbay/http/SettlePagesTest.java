package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.Receipt;
import dev.afterbay.Receiver;
import dev.afterbay.Settlement;
import dev.afterbay.client.HttpBroker;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** More than one request is needed for so many receipts, and the second of three fails. */
final class SettlePagesTest {

  private static final int PAGE = 1_000;
  private static final Set<String> PAGED = Set.of("settle", "renew");

  private final AtomicInteger asked = new AtomicInteger();

  private final Served served =
      Served.with(services ->
          new HttpApiServices(
              failing(Broker.class, services.broker()),
              services.clock(),
              services.defaults(),
              services.health(),
              services.types(),
              services.meters(),
              services.scrape(),
              services.version(),
              services.sns()));

  private final HttpBroker broker = served.broker();
  private final Receiver receiver = broker.queue("q").receiver();
  private final List<Delivery> deliveries = new ArrayList<>();

  @BeforeEach
  void receive() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      served.engine.queue("q").send(Collections.nCopies(PAGE, Message.of("note", "hello")));
      deliveries.addAll(receiver.receive(PAGE, Duration.ZERO));
    }
    assertThat(deliveries).hasSize(3 * PAGE);
  }

  @AfterEach
  void close() {
    broker.close();
    served.close();
  }

  private static void failedOnlyInTheMiddle(List<Optional<BrokerException>> results) {
    assertThat(results).hasSize(3 * PAGE);
    assertThat(results.subList(0, PAGE)).allMatch(Optional::isEmpty);
    assertThat(results.subList(PAGE, 2 * PAGE))
        .allMatch(result -> result.orElseThrow() instanceof BrokerException.Unavailable);
    assertThat(results.subList(2 * PAGE, 3 * PAGE)).allMatch(Optional::isEmpty);
  }

  @Test
  void whatOneRequestFailsWithIsSaidOfItsOwnOnly() {
    failedOnlyInTheMiddle(receiver.renewAll(deliveries));
    asked.set(0);
    List<Receipt> receipts = deliveries.stream().map(Delivery::detach).toList();
    failedOnlyInTheMiddle(
        broker
            .queue("q")
            .settle(receipts.stream().map(each -> new Settlement(each, Outcome.done())).toList()));
    assertThat(served.engine.queue("q").stats().processing()).isEqualTo(PAGE);
  }

  @Test
  void aCloseHandsBackWhatItCanAndTellsOfTheRest() {
    assertThatThrownBy(receiver::close).isInstanceOf(BrokerException.Unavailable.class);
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(2 * PAGE);
  }

  private <T> T failing(Class<T> type, T object) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              if (PAGED.contains(method.getName()) && asked.incrementAndGet() == 2) {
                throw new BrokerException.Unavailable("nothing was stored");
              }
              try {
                Object answer = method.invoke(object, arguments);
                return answer instanceof Queue queue ? failing(Queue.class, queue) : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
