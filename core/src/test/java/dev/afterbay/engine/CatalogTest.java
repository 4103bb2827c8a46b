package dev.afterbay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.QueueSettings;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CatalogTest {

  private static final Map<String, String> SETTINGS = SettingCodec.of(QueueSettings.STANDARD);

  private final AtomicLong tick = new AtomicLong(1_000);
  private final Store store = MemoryStore.open(new StoppedClock(tick));

  @Test
  void thereAreNoMoreQueuesThanTheHeapHasRoomFor() {
    Catalog catalog = new Catalog(store, 3);
    for (int n = 0; n < 3; n++) {
      catalog.create(Setting.QUEUE, "q" + n, SETTINGS);
    }
    assertThatThrownBy(() -> catalog.create(Setting.QUEUE, "more", SETTINGS))
        .isInstanceOf(BrokerException.Conflict.class)
        .hasMessageContaining("delete some");
    assertThatThrownBy(
            () -> catalog.configure("more", QueueSettings.STANDARD, QueueSettings.STANDARD))
        .isInstanceOf(BrokerException.Conflict.class);
    assertThat(catalog.find("more")).isNull();
    catalog.configure("q1", QueueSettings.STANDARD.maxAttempts(7), QueueSettings.STANDARD);
    catalog.create(Setting.QUEUE, "q1", SETTINGS);
  }

  @Test
  void whatIsDeletedMakesRoomAndWhatWasThereAtTheOpeningCounts() {
    Catalog before = new Catalog(store, 3);
    for (int n = 0; n < 3; n++) {
      before.create(Setting.QUEUE, "q" + n, SETTINGS);
    }
    Catalog catalog = new Catalog(store, 3);
    assertThatThrownBy(() -> catalog.create(Setting.QUEUE, "more", SETTINGS))
        .isInstanceOf(BrokerException.Conflict.class);
    catalog.put(Setting.QUEUE, "q1", Map.of());
    tick.addAndGet(1_000);

    catalog.create(Setting.QUEUE, "more", SETTINGS);

    assertThat(catalog.find("more")).isNotNull();
  }

  @Test
  void theHeapSaysHowManyQueuesThereMayBe() {
    assertThat(Catalog.queuesMaxOf(128L << 20)).isEqualTo(16_384);
    assertThat(Catalog.queuesMaxOf(1 << 20)).isEqualTo(1_000);
    assertThat(Catalog.queuesMaxOf(Long.MAX_VALUE)).isEqualTo(10_000_000);
  }
}
