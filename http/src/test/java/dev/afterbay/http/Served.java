package dev.afterbay.http;

import dev.afterbay.QueueSettings;
import dev.afterbay.contract.TestClock;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Clock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An engine over memory behind a door on loopback. */
final class Served implements AutoCloseable {

  final MemoryStore store;
  final Engine engine;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final HttpDoor door;

  private Served(
      @Nullable Clock clock,
      UnaryOperator<Engine.Settings> engineSettings,
      UnaryOperator<DoorSettings> settings,
      UnaryOperator<DoorServices> services)
      throws IOException {
    store = clock == null ? MemoryStore.open() : MemoryStore.open(clock);
    engine = Engine.open(store, engineSettings.apply(Engine.Settings.standard()));
    DoorServices standard =
        new DoorServices(
            engine,
            engine.clock()::now,
            QueueSettings.STANDARD,
            DoorServices.Health.GOOD,
            DoorServices.Types.ANY,
            meters,
            type -> type + "\n" + meters.getMetersAsString(),
            "1.2.3",
            null);
    door = HttpDoor.open(settings.apply(DoorSettings.on("127.0.0.1", 0)), services.apply(standard));
  }

  static Served open() {
    return open(settings -> settings);
  }

  static Served open(UnaryOperator<DoorSettings> settings) {
    return open(null, engine -> engine, settings, services -> services);
  }

  static Served on(TestClock clock) {
    return open(clock, engine -> engine.background(Runnable::run), settings -> settings, s -> s);
  }

  static Served with(UnaryOperator<DoorServices> services) {
    return open(null, engine -> engine, settings -> settings, services);
  }

  static Served open(
      @Nullable Clock clock,
      UnaryOperator<Engine.Settings> engine,
      UnaryOperator<DoorSettings> settings,
      UnaryOperator<DoorServices> services) {
    try {
      return new Served(clock, engine, settings, services);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + door.port());
  }

  HttpBroker broker() {
    return HttpBroker.of(uri());
  }

  @Override
  public void close() {
    door.close();
    engine.close();
    store.close();
  }
}
