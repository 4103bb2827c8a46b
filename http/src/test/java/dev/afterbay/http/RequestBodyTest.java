package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestBodyTest {

  private static final String TEXT = "0123456789";

  private final MemoryBudget budget = MemoryBudget.of(40, 1).getFirst();

  /** Not announced, as it is, wrongly in any way. */
  @ParameterizedTest
  @ValueSource(longs = {0, 10, 3, 1_000_000_000_000L, -1})
  void theBodyIsWhatCameWhateverWasAnnounced(long announced) {
    for (int part = 1; part <= TEXT.length(); part++) {
      RequestBody body = new RequestBody(budget);
      body.announce(announced);
      for (int from = 0; from < TEXT.length(); from += part) {
        String chunk = TEXT.substring(from, Math.min(from + part, TEXT.length()));
        assertThat(body.take(Buffer.buffer(chunk))).isTrue();
      }
      body.end();
      assertThat(body.held()).isEqualTo(TEXT.length());
      assertThat(budget.taken()).isEqualTo(2L * TEXT.length());
      assertThat(body.handOver()).asString().isEqualTo(TEXT);
      body.release();
      assertThat(budget.taken()).isZero();
    }
  }

  @Test
  void bytesThatWereHandedOverAreStillPaidFor() {
    RequestBody body = new RequestBody(budget);
    assertThat(body.take(Buffer.buffer(TEXT))).isTrue();
    body.end();
    assertThat(body.handOver()).hasSize(TEXT.length());
    assertThat(body.handOver()).isEmpty();
    assertThat(budget.taken()).isEqualTo(2L * TEXT.length());
  }

  @Test
  void whatIsSmallIsTakenThoughLargeBodiesHaveAllOfTheirs() {
    MemoryBudget room = MemoryBudget.of(16 << 20, 1).getFirst();
    RequestBody large = new RequestBody(room);
    while (large.take(Buffer.buffer(new byte[128 << 10]))) {
      // Until there is no room.
    }
    assertThat(new RequestBody(room).take(Buffer.buffer(new byte[65 << 10]))).isFalse();
    assertThat(new RequestBody(room).take(Buffer.buffer(new byte[64 << 10]))).isTrue();
  }

  @Test
  void theBeginningOfALargeBodyTakesNothingThatIsSetAsideForSmallOnes() {
    MemoryBudget room = MemoryBudget.of(16 << 20, 1).getFirst();
    assertThat(room.take(15 << 20, false)).isTrue();
    RequestBody large = new RequestBody(room);
    large.announce(1 << 20);
    assertThat(large.take(Buffer.buffer(TEXT))).isFalse();
    assertThat(new RequestBody(room).take(Buffer.buffer(TEXT))).isTrue();
  }

  @Test
  void whatIsOverTheBudgetIsNotTaken() {
    RequestBody body = new RequestBody(budget);
    assertThat(body.take(Buffer.buffer(TEXT))).isTrue();
    assertThat(body.take(Buffer.buffer(TEXT + TEXT))).isFalse();
    body.end();
    assertThat(body.handOver()).asString().isEqualTo(TEXT);
  }
}
