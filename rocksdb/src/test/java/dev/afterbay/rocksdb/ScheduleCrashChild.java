package dev.afterbay.rocksdb;

import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Missed;
import dev.afterbay.engine.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The process that {@link ScheduleCrashTest} kills: it fires schedules until then. */
final class ScheduleCrashChild {

  static final int INTERVALS = 4;

  private ScheduleCrashChild() {}

  static Process start(Path data) throws IOException {
    return ChildJvm.of(List.of(), ScheduleCrashChild.class, data).start();
  }

  /** Argument: data directory. */
  public static void main(String[] arguments) throws Exception {
    RocksStore store = RocksStore.open(Path.of(arguments[0]), TestStores.SETTINGS);
    Engine engine = Engine.open(store);
    Schedules schedules = engine.schedules().orElseThrow();
    Message ping = Message.of("ping", "x");
    for (int i = 0; i < INTERVALS; i++) {
      Definition every = Definition.every(Duration.ofMillis(100), "i" + i, ping);
      schedules.put("i" + i, every.missed(Missed.ALL));
    }
    schedules.put("c", Definition.cron("* * * * * *", "c", ping).missed(Missed.ALL));
    System.out.println("ready");
    new CountDownLatch(1).await();
  }
}
