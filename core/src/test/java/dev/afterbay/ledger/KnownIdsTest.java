package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.JobId;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What was stored is never taken for new; what is new and comes in about its order is. */
class KnownIdsTest {

  private static final int BEFORE = 1_000;

  private final KnownIds seen = new KnownIds(id(BEFORE));

  @Test
  void anIdThatWasStoredIsNeverTakenForNew() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Set<JobId> stored = new HashSet<>();
    for (int n = 0; n < 50_000; n++) {
      JobId id = id(BEFORE + 1 + random.nextInt(1 + n * 2));
      assertThat(seen.mayHave(id) || !stored.contains(id)).as("seed " + seed + ", " + n).isTrue();
      seen.add(id);
      stored.add(id);
    }
    stored.forEach(id -> assertThat(seen.mayHave(id)).as("seed " + seed).isTrue());
  }

  @Test
  void whatMayHaveBeenStoredBeforeIsNotTakenForNew() {
    assertThat(seen.mayHave(id(BEFORE))).isTrue();
    assertThat(seen.mayHave(id(1))).isTrue();
    assertThat(seen.mayHave(id(BEFORE + 1))).isFalse();
    assertThat(seen.highest()).isEqualTo(id(BEFORE));
  }

  @Test
  void anIdALittleOutOfOrderIsNew() {
    for (int n = BEFORE + 1; n < BEFORE + 20_000; n += 2) {
      seen.add(id(n + 1));
      assertThat(seen.mayHave(id(n))).isFalse();
      seen.add(id(n));
    }
    assertThat(seen.highest()).isEqualTo(id(BEFORE + 20_000));
  }

  private static JobId id(long number) {
    return new JobId(new UUID(number << 16 | 0x7000, 1L << 63));
  }
}
