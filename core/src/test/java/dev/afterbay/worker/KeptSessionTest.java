package dev.afterbay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import dev.afterbay.worker.KeptSession.SessionLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class KeptSessionTest {

  private static final SessionLimits LIMITS =
      new SessionLimits(Duration.ofMinutes(10), 3, Duration.ofMinutes(2));

  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void aSessionIsRenewedWhileItIsWorkedOn() throws InterruptedException {
    Session session = keep(LIMITS);
    Delivery delivery = one(session);
    for (int i = 0; i < 30; i++) {
      passThirdOfLease(session);
      delivery.renew();
    }
    delivery.done();
    assertThat(isHeld()).as("5 minutes later, ten times its lease").isTrue();
  }

  @Test
  void anIdleSessionClosesItself() throws InterruptedException {
    Session session = keep(LIMITS);
    one(session).done();
    for (int i = 0; i < 11; i++) {
      passThirdOfLease(session);
    }
    assertThat(isHeld()).isTrue();
    fixture.clock.advance(Duration.ofSeconds(10));
    Fixture.until("it is closed", () -> !isHeld());
    lost(session);
  }

  @Test
  void afterItsTimeNothingMoreIsHandedOutAndItClosesOnceAllIsSettled() throws InterruptedException {
    Session session = keep(LIMITS.idle(Duration.ofHours(1)).duration(Duration.ofSeconds(25)));
    Delivery delivery = one(session);
    passThirdOfLease(session);
    passThirdOfLease(session);
    fixture.clock.advance(Duration.ofSeconds(9));
    lost(session);
    assertThat(isHeld()).as("its consumer still works").isTrue();
    delivery.done();
    assertThat(isHeld()).isFalse();
  }

  @Test
  void afterSoManyMessagesItCloses() throws InterruptedException {
    Session session = keep(LIMITS);
    send(10);
    for (int i = 0; i < LIMITS.messages(); i++) {
      assertThat(isHeld()).isTrue();
      one(session).done();
    }
    assertThat(isHeld()).isFalse();
    lost(session);
    assertThat(fixture.queue.stats().processing()).isZero();
  }

  @Test
  void noReceiveBringsMoreThanTheLimit() throws InterruptedException {
    Session session = keep(LIMITS);
    send(10);
    List<Delivery> deliveries = session.receive(100, Duration.ZERO);
    assertThat(deliveries).hasSizeLessThanOrEqualTo(LIMITS.messages());
    deliveries.forEach(Delivery::done);
  }

  @Test
  void aSessionThatSomebodyElseTookIsNotRenewed() throws InterruptedException {
    KeptSession session = keep(LIMITS);
    fixture.queue.session(session.token(), ReceiveOptions.STANDARD).close();
    try (Session other = fixture.queue.session("s", Duration.ZERO, ReceiveOptions.STANDARD).get()) {
      Instant until = other.heldUntil();
      fixture.clock.advance(Duration.ofSeconds(10));
      lost(session);
      assertThat(other.heldUntil()).isEqualTo(until);
    }
  }

  @Test
  void aClosedSessionIsNotKept() {
    KeptSession session = keep(LIMITS);
    session.close();
    session.close();
    assertThat(isHeld()).isFalse();
    fixture.clock.advance(Duration.ofMinutes(1));
    lost(session);
  }

  /** Else a consumer that died with a delivery in its hands would hold the session for ever. */
  @Test
  void whoNeitherSettlesNorRenewsDoesNotKeepIt() throws InterruptedException {
    Session session = keep(LIMITS.duration(Duration.ofSeconds(40)));
    one(session);
    for (int i = 0; i < 6; i++) {
      passThirdOfLease(session);
    }
    assertThat(isHeld()).as("one lease longer than its delivery").isTrue();
    fixture.clock.advance(Duration.ofSeconds(10));
    Fixture.until("it is closed", () -> !isHeld());
  }

  @Test
  void limitsAreAboveZero() {
    assertThatIllegalArgumentException().isThrownBy(() -> LIMITS.messages(0));
    assertThatIllegalArgumentException().isThrownBy(() -> LIMITS.idle(Duration.ZERO));
    assertThatIllegalArgumentException().isThrownBy(() -> LIMITS.duration(Duration.ofMillis(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LIMITS.idle(Duration.ofMillis(Long.MAX_VALUE)));
  }

  private KeptSession keep(SessionLimits limits) {
    send(1);
    try {
      return KeptSession.accept(fixture.queue, "s", Duration.ZERO, ReceiveOptions.STANDARD, limits)
          .orElseThrow();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      fixture.queue.send(Message.of("t", "x").session("s"));
    }
  }

  private void passThirdOfLease(Session session) {
    Instant before = session.heldUntil();
    fixture.clock.advance(Fixture.LEASE.dividedBy(3));
    Fixture.until("a renewal", () -> session.heldUntil().isAfter(before));
  }

  private boolean isHeld() {
    try {
      fixture.queue.session("s", Duration.ZERO, ReceiveOptions.STANDARD).ifPresent(Session::close);
      return false;
    } catch (BrokerException.SessionLocked _) {
      return true;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Delivery one(Session session) throws InterruptedException {
    return session.receive(1, Duration.ZERO).getFirst();
  }

  private static void lost(Session session) {
    assertThatExceptionOfType(BrokerException.SessionLost.class)
        .isThrownBy(() -> session.receive(1, Duration.ZERO));
  }
}
