package dev.afterbay.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.QueueSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept in memory of queues that come and go. */
class BooksTest {

  private final Books books = new Books(new MemoryTables());

  @Test
  void aQueueThatIsDroppedLeavesMemory() {
    Map<String, String> values = QueueValues.of(QueueSettings.STANDARD);
    books.put(new Setting(Setting.QUEUE, "q", 1, values));
    books.put(new Setting(Setting.QUEUE, "q", 2, Map.of()));
    books.drop("q");
    assertThat(books.known("q")).isNull();
  }

  @Test
  void aQueueThatWasConfiguredAnewIsKept() {
    books.put(new Setting(Setting.QUEUE, "q", 1, QueueValues.of(QueueSettings.STANDARD)));
    books.drop("q");
    assertThat(books.known("q")).isNotNull();
  }
}
