package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.QueueSettings;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept in memory of queues that come and go. */
class QueuesTest {

  private final Queues queues = new Queues(new MemoryTables());

  @Test
  void aQueueThatIsDroppedLeavesMemory() {
    Map<String, String> values = SettingCodec.of(QueueSettings.STANDARD);
    queues.put(new Setting(Setting.QUEUE, "q", 1, values));
    queues.put(new Setting(Setting.QUEUE, "q", 2, Map.of()));
    queues.drop("q");
    assertThat(queues.known("q")).isNull();
  }

  @Test
  void aQueueThatWasConfiguredAnewIsKept() {
    queues.put(new Setting(Setting.QUEUE, "q", 1, SettingCodec.of(QueueSettings.STANDARD)));
    queues.drop("q");
    assertThat(queues.known("q")).isNotNull();
  }
}
