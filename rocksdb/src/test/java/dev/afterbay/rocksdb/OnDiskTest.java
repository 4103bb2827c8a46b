package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.store.Clock;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker on disk in one call. */
final class OnDiskTest {

  @TempDir private Path folder;

  @Test
  void storeAndEngineAreClosedTogether() {
    Path data = folder.resolve("with blank").resolve("data");
    try (Broker broker = Broker.onDisk(data)) {
      assertThat(broker.queue("q")).isInstanceOf(Clock.Source.class);
      broker.queue("q").send(Message.of("t", "x"));
      assertThatThrownBy(() -> Broker.onDisk(data)).isInstanceOf(StoreException.InUse.class);
    }
    try (Broker broker = Broker.connect(data.toUri())) {
      assertThat(broker.queue("q").stats().pending()).isEqualTo(1);
    }
  }

  @Test
  void whatIsNoDirectoryIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> Broker.onDisk(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file + " is a file");
    assertThatThrownBy(() -> Broker.connect(URI.create("file://host/data")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("file:///var/lib/afterbay");
  }
}
