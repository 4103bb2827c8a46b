package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Who is woken by the end of a request. */
final class GatheredRequestTest {

  private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  @Test
  void whoCarriedItByHimselfIsNotWokenFromWhatHeWaitsForNext() throws Exception {
    Gatherer.TimeLimit limit = new Gatherer.TimeLimit(Duration.ofDays(1), Long.MAX_VALUE);
    GatheredRequest.Caller<String> caller =
        new GatheredRequest.Caller<>(new Gatherer.Part(new byte[0], 1), limit);
    GatheredRequest<String> request = new GatheredRequest<>(List.of(caller));
    LockSupport.parkNanos(1); // Whatever woke this thread before.
    caller.ended(request);
    assertThat(caller.await(Long.MAX_VALUE)).isSameAs(request);
    long began = System.nanoTime();
    LockSupport.parkNanos(PARK_NANOS);
    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(PARK_NANOS);
  }
}
