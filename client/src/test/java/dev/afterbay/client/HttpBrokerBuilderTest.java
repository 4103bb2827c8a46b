package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.TypedQueue;
import dev.afterbay.contract.ScriptedServer;
import dev.afterbay.contract.ScriptedServer.Step;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user can say of a server, and of how it is reached. */
@Timeout(60)
final class HttpBrokerBuilderTest {

  private static final String QUEUES =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
          + "Content-Length: 13\r\n\r\n{\"queues\":[]}";

  private final ScriptedServer server = ScriptedServer.open();

  @AfterEach
  void close() {
    server.close();
  }

  private URI uri(String scheme) {
    return URI.create(scheme + "://127.0.0.1:" + server.port());
  }

  @Test
  void theTokenAndTheHeadersAreSentWithEveryRequest() {
    server.script(new Step.ReadRequest(), new Step.Write(QUEUES));
    try (HttpBroker broker =
        HttpBroker.builder(uri("http")).token("s3cret").header("X-Tenant", "blue").build()) {
      for (int i = 0; i < 2; i++) {
        assertThat(broker.queues()).isEmpty();
      }
      assertThatThrownBy(() -> broker.jobs().orElseThrow().watch(null))
          .isInstanceOf(BrokerException.class);
    }
    assertThat(server.requests())
        .hasSize(3)
        .allSatisfy(request ->
            assertThat(request)
                .containsIgnoringCase("\r\nAuthorization: Bearer s3cret\r\n")
                .containsIgnoringCase("\r\nX-Tenant: blue\r\n"));
  }

  @Test
  void aRequestEndsWhenItsTimeIsOver() {
    server.script(new Step.ReadRequest(), new Step.Stall());
    try (HttpBroker broker =
        HttpBroker.builder(uri("http"))
            .connectTimeout(Duration.ofSeconds(30))
            .requestTimeout(Duration.ofMillis(50))
            .closeTimeout(Duration.ofMillis(50))
            .build()) {
      assertThatThrownBy(broker::queues)
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("50ms");
    }
  }

  @Test
  void theTlsSettingsGivenAreUsed() {
    server.script(new Step.Reset());
    AskedContext context = new AskedContext();
    try (HttpBroker broker =
        HttpBroker.builder(uri("https")).tls(new GivenContext(context)).build()) {
      assertThatThrownBy(broker::queues).isInstanceOf(BrokerException.Unavailable.class);
    }
    assertThat(context.asked).hasPositiveValue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:8080",
        "/queues",
        "ftp://localhost",
        "http:///queues",
        "http://localhost?q",
        "http://localhost#q"
      })
  void anAddressOfNoServerIsRefused(String address) {
    assertThatThrownBy(() -> HttpBroker.of(URI.create(address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be http:// or https:// and a host")
        .hasMessageEndingWith("not " + address.replaceFirst("[?#].*", ""));
  }

  @Test
  void noSecretIsInAnError() {
    assertThatThrownBy(() -> HttpBroker.of(URI.create("http://me:s3cret@localhost")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give a token")
        .message()
        .doesNotContain("s3cret");
    for (String address : List.of("http://me:s3cret@my_host:8080", "http://host?token=s3cret")) {
      assertThatThrownBy(() -> HttpBroker.of(URI.create(address)))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .doesNotContain("s3cret");
    }
    assertThatThrownBy(() -> HttpBroker.builder(uri("http")).header("X-Key", "s3cret\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("X-Key")
        .message()
        .doesNotContain("s3cret");
    assertThatThrownBy(() -> HttpBroker.builder(uri("http")).token("s3cret\r\nX: y"))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .doesNotContain("s3cret");
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    HttpBroker.Builder builder = HttpBroker.builder(uri("http"));
    assertThatThrownBy(() -> builder.header("Content-Length", "7"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.requestTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than zero");
    assertThatThrownBy(() -> builder.requestTimeout(ChronoUnit.FOREVER.getDuration()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most");
  }

  private record Order(int id) {}

  @Test
  void theClientIsFoundFromTheApiAlone() throws Exception {
    try (Broker broker = Broker.connect(uri("http"))) {
      assertThat(broker).isInstanceOf(HttpBroker.class);
    }
    try (Broker broker = Broker.inMemory()) {
      TypedQueue<Order> orders = broker.queue("orders", Order.class);
      orders.send("order", new Order(7));
      assertThat(orders.queue().peek(1).getFirst().message().text()).isEqualTo("{\"id\":7}");
      assertThat(orders.codec().decode("{\"id\":8}".getBytes(StandardCharsets.UTF_8)))
          .isEqualTo(new Order(8));
    }
  }

  private static final class GivenContext extends SSLContext {
    GivenContext(SSLContextSpi spi) {
      super(spi, null, "TLS");
    }
  }

  /** The JDK's own, which counts how often it is asked. */
  private static final class AskedContext extends SSLContextSpi {
    private final AtomicInteger asked = new AtomicInteger();
    private final SSLContext standard;

    AskedContext() {
      try {
        standard = SSLContext.getDefault();
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
        throws KeyManagementException {
      throw new KeyManagementException("it is there");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      asked.incrementAndGet();
      return standard.getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return standard.getServerSocketFactory();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return standard.createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return standard.createSSLEngine(host, port);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return standard.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return standard.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return standard.getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return standard.getSupportedSSLParameters();
    }
  }
}
