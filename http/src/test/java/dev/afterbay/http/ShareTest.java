package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ShareTest {

  @Test
  void aSingleOneHasAll() {
    Share share = Share.of(100, 1).getFirst();
    assertThat(share.all()).isEqualTo(100);
    assertThat(share.take(100)).isZero();
    assertThat(share.take(1)).isNegative();
    share.take(-1);
    assertThat(share.taken()).isEqualTo(100);
  }

  @Test
  void whatOneTakesLeavesTheOthersTheirOwn() {
    List<Share> shares = Share.of(80, 3);
    Share greedy = shares.get(0);
    assertThat(greedy.all()).isEqualTo(60);
    assertThat(greedy.take(60)).isZero();
    for (Share other : shares.subList(1, 3)) {
      assertThat(other.left()).isEqualTo(10);
      assertThat(other.take(10)).isZero();
      assertThat(other.take(1)).isNegative();
      other.take(-1);
    }
  }

  @Test
  void whatIsGivenBackIsThereForAnybody() {
    List<Share> shares = Share.of(80, 2);
    shares.get(0).take(70);
    assertThat(shares.get(1).left()).isEqualTo(10);
    shares.get(0).take(-70);
    assertThat(shares.get(1).take(70)).isZero();
  }

  /** Somebody who asked for too much and has not given it back yet. */
  @Test
  void ofWhatIsTheirOwnNobodyIsRefused() {
    List<Share> shares = Share.of(80, 2);
    assertThat(shares.get(0).take(1_000)).isNegative();
    assertThat(shares.get(1).take(10)).isZero();
  }

  @Test
  void manyAtATimeNeverTakeMoreThanThereIs() throws InterruptedException {
    long seed = ThreadLocalRandom.current().nextLong();
    List<Share> shares = Share.of(1_000, 3);
    AtomicLong held = new AtomicLong();
    AtomicLong most = new AtomicLong();
    List<Thread> threads =
        shares.stream()
            .flatMap(share -> List.of(share, share).stream())
            .map(share ->
                Thread.startVirtualThread(() -> {
                  Random random = new Random(seed);
                  for (int i = 0; i < 20_000; i++) {
                    int amount = random.nextInt(1, 400);
                    if (share.take(amount) >= 0) {
                      most.accumulateAndGet(held.addAndGet(amount), Math::max);
                      held.addAndGet(-amount);
                    }
                    share.take(-amount);
                  }
                }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).as("seed %d", seed).isLessThanOrEqualTo(1_000);
    assertThat(shares).allSatisfy(share -> assertThat(share.taken()).isZero());
    assertThat(shares.getFirst().left()).isEqualTo(shares.getFirst().all());
  }
}
