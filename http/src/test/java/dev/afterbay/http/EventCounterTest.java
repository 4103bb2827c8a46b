package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Jobs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class EventCounterTest {

  /** A watch that its thread opened would miss what happens until the thread gets to run. */
  @Test
  void nothingIsMissedBeforeItsThreadRuns() {
    AtomicReference<Thread> watcher = new AtomicReference<>();
    try (Served served = Served.open()) {
      Jobs jobs = served.engine.jobs().orElseThrow();
      Jobs watched =
          (Jobs)
              Proxy.newProxyInstance(
                  Jobs.class.getClassLoader(),
                  new Class<?>[] {Jobs.class},
                  (_, method, args) -> {
                    watcher.compareAndSet(null, Thread.currentThread());
                    return method.invoke(jobs, args);
                  });
      Meters meters = new Meters(new SimpleMeterRegistry(), served.engine);
      try (EventCounter _ = EventCounter.start(watched, meters)) {
        assertThat(watcher.get()).isSameAs(Thread.currentThread());
      }
    }
  }
}
