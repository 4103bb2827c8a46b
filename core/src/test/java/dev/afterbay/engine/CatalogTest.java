package dev.afterbay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.QueueSettings;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
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

    catalog.create(Setting.QUEUE, "more", SETTINGS);

    assertThat(catalog.find("more")).isNotNull();
  }

  @Test
  void aSettingThatCannotBeReadCanBeMended() {
    MemoryTables tables = new MemoryTables();
    Clock clock = new StoppedClock(tick);
    try (Store before = MemoryStore.open(tables, clock, Ledger.Sizes.STANDARD)) {
      new Catalog(before).create(Setting.QUEUE, "q", SETTINGS);
    }
    spoil(tables);
    Catalog catalog = new Catalog(MemoryStore.open(tables, clock, Ledger.Sizes.STANDARD));
    catalog.configure("q", QueueSettings.STANDARD.maxAttempts(7), QueueSettings.STANDARD);

    assertThat(catalog.find("q")).isNotNull();
  }

  /** As if another version had written the only setting. */
  private static void spoil(MemoryTables tables) {
    byte[] key = Objects.requireNonNull(tables.firstKey(Table.SETTING, new byte[0]));
    byte[] value = Objects.requireNonNull(tables.get(Table.SETTING, key));
    String text = new String(value, StandardCharsets.ISO_8859_1).replace("PT30S", "PT3xS");
    tables.put(Table.SETTING, key, text.getBytes(StandardCharsets.ISO_8859_1));
    tables.write();
  }

  @Test
  void theHeapSaysHowManyQueuesThereMayBe() {
    assertThat(Catalog.queuesMaxOf(128L << 20)).isEqualTo(16_384);
    assertThat(Catalog.queuesMaxOf(1 << 20)).isEqualTo(1_000);
    assertThat(Catalog.queuesMaxOf(Long.MAX_VALUE)).isEqualTo(10_000_000);
  }
}
