package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException.LeaseLost;
import dev.afterbay.BrokerException.OutcomeUnknown;
import dev.afterbay.BrokerException.Unavailable;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Receiver;
import dev.afterbay.client.HttpBroker;
import dev.afterbay.contract.Fault;
import dev.afterbay.contract.Fault.Way;
import dev.afterbay.contract.FaultyProxy;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is leased from a server that is lost in the wrong moment. */
final class HttpDeliveryTest {

  private final Served served = Served.open();
  private final FaultyProxy proxy = FaultyProxy.before(served.api.port());
  private final HttpBroker broker = HttpBroker.of(URI.create("http://127.0.0.1:" + proxy.port()));
  private final Receiver receiver = broker.queue("q").receiver();

  @AfterEach
  void close() {
    broker.close();
    proxy.close();
    served.close();
  }

  private Delivery received() throws InterruptedException {
    broker.queue("q").send(Message.of("t", "x"));
    return receiver.receive(1, Duration.ZERO).getFirst();
  }

  private long pending() {
    return served.engine.queue("q").stats().pending();
  }

  private long processing() {
    return served.engine.queue("q").stats().processing();
  }

  @Test
  void whatWasNotSettledAsFarAsIsKnownCanBeSettledAgain() throws Exception {
    Delivery delivery = received();
    proxy.set(Fault.reset(Way.TO_SERVER, 10));
    assertThatThrownBy(delivery::done).isInstanceOfAny(OutcomeUnknown.class, Unavailable.class);
    assertThat(processing()).isEqualTo(1);
    delivery.done();
    assertThat(processing()).isZero();
    assertThatThrownBy(delivery::done).isInstanceOf(LeaseLost.class);
  }

  @Test
  void whatWasNotSettledAsFarAsIsKnownIsHandedBack() throws Exception {
    Delivery delivery = received();
    proxy.set(Fault.reset(Way.TO_SERVER, 10));
    assertThatThrownBy(delivery::done).isInstanceOfAny(OutcomeUnknown.class, Unavailable.class);
    receiver.close();
    assertThat(pending()).isEqualTo(1);
  }

  @Test
  void whatWasSettledThoughNobodyKnewIsNotHandedBack() throws Exception {
    Delivery delivery = received();
    proxy.set(Fault.reset(Way.TO_CLIENT, 0));
    assertThatThrownBy(delivery::done).isInstanceOf(OutcomeUnknown.class);
    assertThat(processing()).isZero();
    receiver.close();
    assertThat(pending()).isZero();
  }

  @Test
  void aSecondSettlementOfWhatHadEndedSaysSo() throws Exception {
    Delivery delivery = received();
    proxy.set(Fault.reset(Way.TO_CLIENT, 0));
    assertThatThrownBy(delivery::done).isInstanceOf(OutcomeUnknown.class);
    assertThatThrownBy(delivery::done).isInstanceOf(LeaseLost.class);
  }

  @Test
  void anOutageIsUnavailableAndAfterwardsItIsSettledOrRenewed() throws Exception {
    Delivery delivery = received();
    proxy.down();
    Soon.until(
        "the pooled connections are gone",
        () -> {
          try {
            delivery.renew();
          } catch (Unavailable _) {
            return true;
          } catch (OutcomeUnknown _) {
            return false;
          }
          return false;
        });
    assertThatThrownBy(() -> delivery.settle(Outcome.done())).isInstanceOf(Unavailable.class);
    proxy.up();
    delivery.renew();
    delivery.done();
    assertThat(processing()).isZero();
  }

  @Test
  void whatASettlementThatFailsAfterTheCloseHadIsHandedBack() throws Exception {
    Delivery delivery = received();
    proxy.set(Fault.stall(Way.TO_SERVER, 0));
    Thread settling =
        Thread.ofVirtual()
            .start(() -> assertThatThrownBy(delivery::done).isInstanceOf(OutcomeUnknown.class));
    proxy.awaitFault();
    receiver.close();
    settling.interrupt();
    settling.join();
    Soon.until("it is back", () -> pending() == 1);
  }

  @Test
  void anInterruptFromBeforeDoesNotKeepFromSettling() throws Exception {
    Delivery delivery = received();
    Thread.currentThread().interrupt();
    delivery.done();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(processing()).isZero();
  }

  @Test
  void aRenewalOfALeaseThatIsLostSaysSo() throws Exception {
    Delivery delivery = received();
    served.engine.queue("q").admin().orElseThrow().delete(true);
    assertThatThrownBy(delivery::renew).isInstanceOf(LeaseLost.class);
  }

  @Test
  void aSendThatGotNoAnswerAndIsRepeatedWithItsKeyIsStoredOnce() {
    Message message = Message.of("t", "x").key("k");
    for (int after = 0; after < 150; after += 37) {
      proxy.set(Fault.reset(Way.TO_CLIENT, after));
      assertThatThrownBy(() -> broker.queue("sent").send(message))
          .as("after %s bytes", after)
          .isInstanceOf(OutcomeUnknown.class);
    }
    broker.queue("sent").send(message);
    assertThat(served.engine.queue("sent").stats().pending()).isEqualTo(1);
  }
}
