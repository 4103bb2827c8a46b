package dev.afterbay.server;

import dev.afterbay.Broker;
import dev.afterbay.QueueSettings;
import dev.afterbay.engine.Engine;
import dev.afterbay.http.HttpApi;
import dev.afterbay.http.HttpApiServices;
import dev.afterbay.http.HttpApiSettings;
import dev.afterbay.ledger.MemoryStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;

/** The HTTP API on loopback, over memory. */
final class MemoryServer implements AutoCloseable {

  private final Engine engine = Engine.owning(MemoryStore.open());
  private final HttpApi api;

  MemoryServer() throws IOException {
    api =
        HttpApi.open(
            HttpApiSettings.on("127.0.0.1", 0),
            new HttpApiServices(
                engine,
                engine.clock()::now,
                QueueSettings.STANDARD,
                HttpApiServices.Health.GOOD,
                HttpApiServices.Types.ANY,
                new SimpleMeterRegistry(),
                _ -> "",
                "test",
                null));
  }

  String address() {
    return "http://127.0.0.1:" + api.port();
  }

  Broker broker() {
    return engine;
  }

  @Override
  public void close() {
    api.close();
    engine.close();
  }
}
