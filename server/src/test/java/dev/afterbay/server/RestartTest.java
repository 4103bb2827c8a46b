package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with a small heap that is killed under its workers, and started again. */
@Timeout(120)
final class RestartTest {

  private static final int JOBS = 40;
  private static final int AT_ONCE = 10;
  private static final long PAUSE_NANOS = 10_000_000;
  private static final List<String> JVM = List.of("-Xmx96m", "-XX:+ExitOnOutOfMemoryError");

  @TempDir private Path folder;

  @Test
  void whatWasBeingDoneIsDoneOnceAndTheRestAfterwards() throws Exception {
    Map<String, Integer> runs = new ConcurrentHashMap<>();
    CountDownLatch begun = new CountDownLatch(AT_ONCE);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(JOBS);
    TestServer first = start("0");
    URI address = URI.create(first.url());
    try (Broker broker = Broker.connect(address)) {
      Queue queue = broker.queue("q");
      for (int n = 0; n < JOBS; n++) {
        queue.send(Message.of("note", "" + n).tracked());
      }
      Worker.Builder builder =
          Worker.of(queue)
              .handle(
                  "note",
                  delivery -> {
                    begun.countDown();
                    goOn.await();
                    runs.merge(delivery.message().text(), 1, Integer::sum);
                    ended.countDown();
                    return Outcome.done();
                  },
                  HandlerOptions.STANDARD.concurrency(AT_ONCE));
      try (Worker _ = builder.start()) {
        begun.await();
        first.kill();
        first.close();
        try (TestServer _ = start(Integer.toString(address.getPort()))) {
          goOn.countDown();
          assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
          while (queue.stats().done() < JOBS) {
            LockSupport.parkNanos(PAUSE_NANOS); // within the time limit of the test
          }
        }
      }
    }
    assertThat(runs).hasSize(JOBS).allSatisfy((_, times) -> assertThat(times).isEqualTo(1));
  }

  private TestServer start(String port) throws Exception {
    return TestServer.start(folder, Map.of(), JVM, "serve", "--port", port).ready();
  }
}
