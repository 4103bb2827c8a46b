package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Message;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The counts of all queues together. */
final class QueueSumsTest {

  private final MemoryStore store = MemoryStore.open();
  private final Engine engine = Engine.open(store, Engine.Settings.standard());

  /** Each look at the time takes so long. */
  private Duration look = Duration.ZERO;

  private long nanos;
  private final QueueSums sums = new QueueSums(engine, this::nanos);

  private long nanos() {
    nanos += look.toNanos();
    return nanos;
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private void send(String queue, int messages) {
    for (int i = 0; i < messages; i++) {
      engine.queue(queue).send(Message.of("t", ""));
    }
  }

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  @Test
  void allQueuesAreCounted() {
    assertThat(sums.look().queues()).isZero();
    assertThat(sums.look().longest()).isNull();
    pass(Duration.ofSeconds(2));
    for (int i = 0; i < 120; i++) {
      send("q" + i, 1);
    }
    send("longest", 3);
    QueueSums.Totals totals = sums.look();
    assertThat(totals.queues()).isEqualTo(121);
    assertThat(totals.stats().pending()).isEqualTo(123);
    assertThat(totals.longest()).isEqualTo("longest");
    assertThat(totals.complete()).isTrue();
  }

  @Test
  void allWhoLookWithinASecondSeeTheSame() {
    send("q", 1);
    QueueSums.Totals first = sums.look();
    send("q", 1);
    pass(Duration.ofMillis(900));
    assertThat(sums.look()).isSameAs(first);
    pass(Duration.ofMillis(200));
    assertThat(sums.look().stats().pending()).isEqualTo(2);
  }

  @Test
  void manyQueuesAreCountedInSteps() {
    for (int i = 100; i < 250; i++) {
      send("q" + i, 1);
    }
    look = Duration.ofMillis(70);
    QueueSums.Totals first = sums.look();
    assertThat(first.complete()).isFalse();
    assertThat(first.queues()).isEqualTo(100);
    sums.look();
    assertThat(sums.look().complete()).isTrue();
    assertThat(sums.look().queues()).isEqualTo(150);

    // While it counts again, what was counted before is told.
    send("q100", 1);
    pass(Duration.ofSeconds(60));
    assertThat(sums.look().stats().pending()).isEqualTo(150);
    sums.look();
    assertThat(sums.look().stats().pending()).isEqualTo(151);
  }

  @Test
  void aLongCountIsFollowedByALongerPause() {
    send("q", 1);
    look = Duration.ofSeconds(1);
    sums.look();
    look = Duration.ZERO;
    send("q", 1);
    pass(Duration.ofSeconds(18));
    assertThat(sums.look().stats().pending()).isEqualTo(1);
    pass(Duration.ofSeconds(2));
    assertThat(sums.look().stats().pending()).isEqualTo(2);
  }
}
