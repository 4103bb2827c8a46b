package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.store.Clock;
import java.net.URI;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How brokers are opened where core is alone. */
final class OpenBrokerTest {

  @Test
  void aBrokerInMemoryWorksUntilItIsClosed() {
    Broker broker = Broker.inMemory();
    broker.queue("q").send(Message.of("t", "x"));
    assertThat(broker.queue("q").stats().pending()).isEqualTo(1);
    broker.close();
    broker.close();
    assertThatThrownBy(() -> broker.queue("q").send(Message.of("t", "x")))
        .isInstanceOf(BrokerException.Unavailable.class);
  }

  @Test
  void aBrokerInMemoryCarriesItsClock() {
    try (Broker broker = Broker.inMemory()) {
      assertThat(broker.queue("q")).isInstanceOf(Clock.Source.class);
    }
  }

  @Test
  void whatIsInAnotherModuleIsNamedWhenItIsNotThere() {
    boolean alone = ServiceLoader.load(Broker.Provider.class).findFirst().isEmpty();
    assumeTrue(alone, "core is alone on the class path, as in its build");
    assertThatThrownBy(() -> Broker.onDisk(Path.of("data")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Broker.onDisk needs a module that is not there: add dev.afterbay:afterbay-rocksdb to"
                + " the dependencies");
    assertThatThrownBy(() -> Broker.connect(URI.create("https://example.org")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("dev.afterbay:afterbay-client");
    try (Broker broker = Broker.inMemory()) {
      assertThatThrownBy(() -> broker.queue("orders", Integer.class))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("dev.afterbay:afterbay-client");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:8080", "//localhost:8080", "localhost", "ftp://localhost/"})
  void anAddressOfNoBrokerIsRefused(String address) {
    assertThatThrownBy(() -> Broker.connect(URI.create(address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must begin with file: or http: or https:")
        .hasMessageEndingWith("not " + address);
  }
}
