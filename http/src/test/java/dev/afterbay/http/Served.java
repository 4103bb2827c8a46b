package dev.afterbay.http;

import dev.afterbay.QueueSettings;
import dev.afterbay.client.HttpBroker;
import dev.afterbay.contract.TestClock;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Clock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An engine over memory behind an API on loopback. */
public final class Served implements AutoCloseable {

  final MemoryStore store;
  final Engine engine;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final HttpApi api;

  private Served(
      @Nullable Clock clock,
      UnaryOperator<Engine.Settings> engineSettings,
      UnaryOperator<HttpApiSettings> settings,
      UnaryOperator<HttpApiServices> services)
      throws IOException {
    store = clock == null ? MemoryStore.open() : MemoryStore.open(clock);
    engine = Engine.open(store, engineSettings.apply(Engine.Settings.standard()));
    HttpApiServices standard =
        new HttpApiServices(
            engine,
            engine.clock()::now,
            QueueSettings.STANDARD,
            HttpApiServices.Health.GOOD,
            HttpApiServices.Types.ANY,
            meters,
            type -> type + "\n" + meters.getMetersAsString(),
            "1.2.3",
            null);
    api =
        HttpApi.open(settings.apply(HttpApiSettings.on("127.0.0.1", 0)), services.apply(standard));
  }

  public static Served open() {
    return open(settings -> settings);
  }

  static Served open(UnaryOperator<HttpApiSettings> settings) {
    return open(null, engine -> engine, settings, services -> services);
  }

  public static Served on(TestClock clock) {
    return open(clock, engine -> engine.background(Runnable::run), settings -> settings, s -> s);
  }

  static Served with(UnaryOperator<HttpApiServices> services) {
    return open(null, engine -> engine, settings -> settings, services);
  }

  static Served open(
      @Nullable Clock clock,
      UnaryOperator<Engine.Settings> engine,
      UnaryOperator<HttpApiSettings> settings,
      UnaryOperator<HttpApiServices> services) {
    try {
      return new Served(clock, engine, settings, services);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public int port() {
    return api.port();
  }

  public Engine engine() {
    return engine;
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + api.port());
  }

  public HttpBroker broker() {
    return HttpBroker.of(uri());
  }

  @Override
  public void close() {
    api.close();
    engine.close();
    store.close();
  }
}
