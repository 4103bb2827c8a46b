package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Missed;
import dev.afterbay.Schedules.Overlap;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schedules over time that passes, stands still, jumps, and is not seen. */
class EngineSchedulesTest {

  private static final Message REPORT = Message.of("report", "yesterday");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Ledger.Sizes SIZES = Ledger.Sizes.STANDARD;

  private final TestClock clock = new TestClock();
  private final MemoryTables tables = new MemoryTables();
  private Store store = MemoryStore.open(tables, clock, SIZES);
  private Engine engine = open(store);
  private final List<Engine> others = new ArrayList<>();

  private static Engine open(Store store) {
    return Engine.open(store, Engine.Settings.standard().background(Runnable::run));
  }

  @AfterEach
  void close() {
    others.forEach(Engine::close);
    engine.close();
    store.close();
  }

  private Schedules schedules() {
    return engine.schedules().orElseThrow();
  }

  private static Definition every(Duration every) {
    return Definition.every(every, "q", REPORT);
  }

  /** Nothing runs meanwhile. */
  private void away(Duration duration) {
    engine.close();
    store.close();
    clock.advance(duration);
    store = MemoryStore.open(tables, clock, SIZES);
    engine = open(store);
    clock.advance(Duration.ofMillis(1));
  }

  /** In seconds after the start, of all jobs in all states. */
  private List<Long> fired() {
    return dues().stream().map(due -> Duration.between(TestClock.START, due).toSeconds()).toList();
  }

  private List<Instant> dues() {
    List<Instant> dues = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    @Nullable String cursor = null;
    do {
      Jobs.JobPage page = store.list(Jobs.JobQuery.ALL, cursor, 500);
      for (Job job : page.jobs()) {
        Instant due = job.message().options().notBefore();
        if (due != null) {
          dues.add(due);
        }
        String key = job.message().options().key();
        assertThat(key == null || keys.add(key)).as("%s", key).isTrue();
      }
      cursor = page.next();
    } while (cursor != null);
    return dues.stream().sorted().toList();
  }

  @ParameterizedTest
  @CsvSource({"LAST, 10 20 30 90 100", "SKIP, 10 20 30 100", "ALL, 10 20 30 40 50 60 70 80 90 100"})
  void whatWasMissedIsMadeUpForAsTheScheduleSays(Missed missed, String seconds) {
    schedules().put("a", every(Duration.ofSeconds(10)).missed(missed));
    schedules().put("b", Definition.cron("*/10 * * * * *", "q2", REPORT).missed(missed));
    clock.advance(Duration.ofSeconds(35));
    away(Duration.ofSeconds(60));
    clock.advance(Duration.ofSeconds(9));
    List<String> both = new ArrayList<>();
    for (String second : seconds.split(" ")) {
      both.addAll(List.of(second, second));
    }
    assertThat(fired().stream().map(Object::toString)).containsExactlyElementsOf(both);
  }

  /** A pause of the process, or a restart in a moment. */
  @ParameterizedTest
  @EnumSource(Missed.class)
  void whatIsLateByAMomentIsNotMissed(Missed missed) {
    schedules().put("a", every(SECOND).missed(missed));
    away(Duration.ofMillis(3_900));
    assertThat(fired()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void thousandsOfMissedOnesComeToTheLatestThousand() {
    schedules().put("a", every(SECOND).missed(Missed.ALL));
    schedules().put("b", Definition.cron("* * * * * *", "q", REPORT).missed(Missed.ALL));
    away(Duration.ofHours(1));
    List<Long> fired = fired();
    assertThat(fired).hasSize(2 * Schedules.MISSED_MAX);
    assertThat(fired.getFirst()).isEqualTo(3_600 - Schedules.MISSED_MAX + 1);
    assertThat(fired.getLast()).isEqualTo(3_600);
    clock.advance(SECOND);
    assertThat(fired()).hasSize(2 * Schedules.MISSED_MAX + 2);
  }

  @Test
  void aYearMissedByATenthOfASecondIsNoEndlessWork() {
    schedules().put("a", every(Schedules.EVERY_MIN).missed(Missed.ALL));
    schedules().put("b", Definition.cron("* * * * * *", "q", REPORT).missed(Missed.ALL));
    schedules().put("c", Definition.cron("0 0 29 2 *", "q", REPORT).missed(Missed.ALL));
    clock.setWall(TestClock.START.plus(Duration.ofDays(365)));
    clock.advance(Duration.ofMillis(1_050));
    assertThat(dues()).hasSizeBetween(2 * Schedules.MISSED_MAX, 2 * Schedules.MISSED_MAX + 12);
    clock.setWall(clock.now().wall().minus(Duration.ofDays(365)));
    int before = dues().size();
    clock.advance(Duration.ofSeconds(11));
    assertThat(dues().size() - before).as("it goes on in the true year").isBetween(100, 122);
    assertThat(schedules().find("c").orElseThrow().next().getFirst())
        .isEqualTo(Instant.parse("2028-02-29T00:00:00Z"));
  }

  @Test
  void aRestartBetweenFiringsChangesNothing() {
    schedules().put("a", every(Duration.ofSeconds(10)));
    schedules().put("p", every(Duration.ofSeconds(10)));
    schedules().pause("p");
    for (int i = 0; i < 5; i++) {
      away(Duration.ofMillis(4_999));
    }
    assertThat(fired()).containsExactly(10L, 20L);
  }

  @Test
  void theHourThatTheCalendarIsSetBackIsNotFiredTwice() {
    schedules().put("a", every(Duration.ofSeconds(10)));
    schedules().put("b", Definition.cron("0 */10 * * * *", "q2", REPORT));
    clock.advance(Duration.ofHours(2));
    assertThat(engine.queue("q2").stats().pending()).isEqualTo(12);
    clock.setWall(clock.now().wall().minus(Duration.ofHours(1)));
    clock.advance(Duration.ofMinutes(59));
    assertThat(engine.queue("q2").stats().pending()).isEqualTo(12);
    assertThat(engine.queue("q").stats().pending() + engine.queue("q").stats().scheduled())
        .as("an interval is time that passes")
        .isBetween(2 * 360L + 59 * 6 - 1, 2 * 360L + 59 * 6);
    clock.advance(Duration.ofMinutes(12));
    assertThat(engine.queue("q2").stats().pending()).isEqualTo(13);
  }

  @Test
  void aCalendarThatWasWrongByDaysIsFollowedBack() {
    schedules().put("a", Definition.cron("0 * * * *", "q", REPORT));
    clock.setWall(TestClock.START.plus(Duration.ofDays(30)));
    clock.advance(Duration.ofHours(2));
    assertThat(dues()).hasSize(3);
    clock.setWall(TestClock.START);
    clock.advance(Duration.ofHours(2));
    assertThat(dues()).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-28T23:00:00Z, 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z",
    "2026-10-24T22:00:00Z, 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z",
  })
  void aChangeOfTheClockIsLivedThrough(Instant from, String times) {
    clock.setWall(from);
    schedules()
        .put(
            "nightly", Definition.cron("30 2 * * *", "q", REPORT).zone(ZoneId.of("Europe/Berlin")));
    clock.advance(Duration.ofHours(36));
    assertThat(dues().stream().map(Instant::toString)).containsExactly(times.split(" "));
  }

  @Test
  void twoProcessesOnOneStoreFireOnce() {
    Store shared = AroundStore.of(store, "shared", (_, _) -> true);
    Engine first = open(shared);
    Engine second = open(shared);
    others.addAll(List.of(first, second));
    engine.close();
    Schedules a = first.schedules().orElseThrow();
    Schedules b = second.schedules().orElseThrow();
    a.put("s", every(Duration.ofSeconds(5)).missed(Missed.ALL));
    b.put("t", Definition.cron("*/5 * * * * *", "q", REPORT).missed(Missed.ALL));
    clock.advance(Duration.ofSeconds(60));
    assertThat(dues()).hasSize(24);

    // What one changes, the other heeds within a second.
    b.pause("s");
    a.delete("t");
    clock.advance(Duration.ofSeconds(60));
    assertThat(dues()).hasSize(24);
    first.close();
    b.resume("s");
    clock.advance(Duration.ofSeconds(5));
    assertThat(dues()).hasSize(25);
  }

  /** Each fails as the store does; what was written or not decides alone. */
  @Test
  void noFiringIsLostOrDoubledWhereWritesFail() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] calm = {false};
    Store failing =
        AroundStore.of(
            store,
            "commit",
            (commits, call) -> {
              int fate = calm[0] ? 9 : random.nextInt(10);
              if (fate == 0) {
                throw new BrokerException.Unavailable("simulated: not stored");
              }
              Object done = call.get();
              if (fate == 1) {
                throw new BrokerException.OutcomeUnknown("simulated", new IOException());
              }
              return done;
            });
    schedules().put("a", every(Duration.ofSeconds(10)).missed(Missed.ALL));
    schedules().put("b", Definition.cron("*/7 * * * * *", "q", REPORT).missed(Missed.ALL));
    engine.close();
    calm[0] = true;
    Engine unlucky = open(failing);
    others.add(unlucky);
    calm[0] = false;
    clock.advance(Duration.ofMinutes(10));
    calm[0] = true;
    clock.advance(Duration.ofSeconds(40));
    long until = Duration.between(TestClock.START, clock.now().wall()).toSeconds();
    List<Long> expected = new ArrayList<>();
    for (long second = 1; second <= until; second++) {
      if (second % 10 == 0) {
        expected.add(second);
      }
      if (second % 60 % 7 == 0) {
        expected.add(second);
      }
    }
    assertThat(fired()).as("seed " + seed).isEqualTo(expected);
  }

  /** The calendar is set, so all are read again, and the store answers nothing just then. */
  @ParameterizedTest
  @ValueSource(strings = {"settings", "commit"})
  void aStoreThatFailsWhileAllAreReadAgainEndsNoSchedule(String method) {
    schedules().put("a", every(SECOND));
    schedules().put("b", every(SECOND));
    engine.close();
    boolean[] fails = {false};
    Engine unlucky = open(failing(method, fails));
    others.add(unlucky);
    clock.advance(SECOND);
    clock.setWall(clock.now().wall().minus(Duration.ofHours(1)));
    fails[0] = true;
    clock.advance(Duration.ofSeconds(20));
    fails[0] = false;
    int before = dues().size();
    clock.advance(Duration.ofSeconds(60));
    assertThat(dues().size() - before).isBetween(2 * 28, 2 * 61);
  }

  @ParameterizedTest
  @ValueSource(strings = {"settings", "commit"})
  void aStoreThatFailsAtTheStartIsReadLater(String method) {
    schedules().put("a", every(SECOND));
    engine.close();
    clock.setWall(clock.now().wall().minus(Duration.ofHours(1)));
    boolean[] fails = {true};
    others.add(open(failing(method, fails)));
    fails[0] = false;
    clock.advance(Duration.ofSeconds(10));
    assertThat(dues()).hasSizeBetween(4, 10);
  }

  private Store failing(String method, boolean[] fails) {
    return AroundStore.of(
        store,
        method,
        (_, call) -> {
          if (fails[0]) {
            throw new BrokerException.Unavailable("simulated: too many wait");
          }
          return call.get();
        });
  }

  /** The power is lost between any two batches that were written since the last look. */
  @Test
  void aCrashAtAnyMomentNeitherSkipsNorDoublesAFiring() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 30; round++) {
      TestClock time = new TestClock();
      CrashingTables power = new CrashingTables();
      Store memory = MemoryStore.open(power, time, SIZES);
      Engine running = open(memory);
      for (String name : List.of("a", "b", "c")) {
        running.schedules().orElseThrow().put(name, every(SECOND).missed(Missed.ALL));
      }
      power.sync();
      for (int crash = 0; crash < 5; crash++) {
        time.advance(Duration.ofMillis(random.nextInt(4_000)));
        CrashingTables left = power.crash(random.nextInt(power.unsynced() + 1));
        running.close();
        memory.close();
        power = left;
        memory = MemoryStore.open(power, time, SIZES);
        running = open(memory);
      }
      time.advance(Duration.ofSeconds(2));
      long seconds = Duration.between(TestClock.START, time.now().wall()).toSeconds();
      assertThat(running.queue("q").stats().pending()).as("seed " + seed).isEqualTo(3 * seconds);
      running.close();
      memory.close();
    }
  }

  @Test
  void tenThousandThatAreDueTogetherAllFireAndMoreAreRefused() {
    schedules().put("s0", Definition.cron("@hourly", "q", REPORT));
    Setting one = store.setting("schedule", "s0").orElseThrow();
    List<Commit> copies = new ArrayList<>();
    for (int i = 1; i < Schedules.SCHEDULES_MAX; i++) {
      Setting copy = new Setting("schedule", "s" + i, 1, one.values());
      copies.add(Commit.synced(new Change.Put(copy)));
    }
    store.commit(copies);
    engine.close();
    engine = open(store);
    assertThatThrownBy(() -> schedules().put("more", every(SECOND)))
        .isInstanceOf(BrokerException.Conflict.class)
        .hasMessageContaining("10000");
    AtomicInteger trips = new AtomicInteger();
    engine.close();
    others.add(open(AroundStore.counting(store, "commit", trips)));
    trips.set(0);
    clock.advance(Duration.ofHours(1));
    assertThat(engine.queue("q").stats().pending()).isEqualTo(Schedules.SCHEDULES_MAX);
    assertThat(trips).as("trips to the store, besides those of the reaper").hasValueLessThan(900);
  }

  @Test
  void oneThatIsDeletedWhileItFiresFiresNotAgain() {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    Store slow =
        AroundStore.of(
            store,
            "commit",
            (commits, call) -> {
              boolean fires =
                  ((List<?>) commits)
                      .stream()
                          .anyMatch(
                              one -> one instanceof Commit commit && commit.changes().size() > 1);
              if (fires) {
                meanwhile.getAndSet(() -> {}).run();
              }
              return call.get();
            });
    engine.close();
    others.add(open(slow));
    Schedules schedules = others.getFirst().schedules().orElseThrow();
    schedules.put("a", every(SECOND));
    // As another process does it, which knows no lock of this one.
    Setting gone = new Setting("schedule", "a", 2, Map.of());
    meanwhile.set(() -> store.commit(Commit.synced(new Change.Put(gone))));
    clock.advance(Duration.ofSeconds(5));
    assertThat(dues()).isEmpty();
    assertThat(schedules.find("a")).isEmpty();
  }

  /** The new one has the version that the other process has read of the old one, or would have. */
  @Test
  void oneThatIsMadeAnewWhileAnotherProcessFiresItStaysAsItWasMade() {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    Store shared = AroundStore.of(store, "shared", (_, _) -> true);
    Store slow =
        AroundStore.of(
            shared,
            "commit",
            (commits, call) -> {
              boolean fires =
                  commits instanceof List<?> all
                      && all.getFirst() instanceof Commit commit
                      && commit.changes().getFirst() instanceof Change.Put
                      && commit.changes().getLast() instanceof Change.Append;
              if (fires) {
                meanwhile.getAndSet(() -> {}).run();
              }
              return call.get();
            });
    Engine first = open(slow);
    others.add(first);
    engine.close();
    first.schedules().orElseThrow().put("a", every(SECOND));
    Engine second = open(shared);
    others.add(second);
    Schedules schedules = second.schedules().orElseThrow();
    Definition daily = Definition.cron("@daily", "q", REPORT);
    meanwhile.set(() -> {
      assertThat(schedules.delete("a")).isTrue();
      assertThat(schedules.delete("a")).isFalse();
      assertThat(schedules.find("a")).isEmpty();
      assertThat(schedules.list(null, 10)).isEmpty();
      assertThat(schedules.put("a", daily).created()).isTrue();
    });
    clock.advance(Duration.ofSeconds(3));
    assertThat(schedules.find("a").orElseThrow().definition()).isEqualTo(daily);
    assertThat(dues()).isEmpty();

    schedules.delete("a");
    clock.advance(Duration.ofMinutes(2));
    schedules.put("b", daily);
    clock.advance(Duration.ofSeconds(2));
    assertThat(store.settings("schedule", null, 10)).extracting(Setting::name).containsExactly("b");
  }

  @Test
  void oneThatAnotherVersionStoredHindersNoOtherAndCanBePutAgain() {
    Setting strange = new Setting("schedule", "a", 1, Map.of("cron", "never"));
    store.commit(Commit.synced(new Change.Put(strange)));
    schedules().put("b", every(SECOND));
    away(SECOND);
    assertThat(fired()).containsExactly(1L);
    assertThat(schedules().find("a")).isEmpty();
    assertThat(schedules().list(null, 10)).hasSize(1);
    schedules().put("a", every(SECOND));
    clock.advance(SECOND);
    assertThat(dues()).hasSize(3);
  }

  @Test
  void aJobThatTheBrokerTakesNoMoreIsToldAndTriedAgain() {
    Message large = Message.of("report", "x".repeat(2_000));
    schedules().put("a", Definition.every(SECOND, "q", large));
    schedules().put("b", every(SECOND));
    engine.close();
    Engine strict =
        Engine.open(
            store,
            Engine.Settings.standard()
                .background(Runnable::run)
                .limits(new Limits(1_000, 0, 10, 1_000, true, true, true)));
    others.add(strict);
    clock.advance(Duration.ofSeconds(10));
    assertThat(dues()).hasSize(10);
    Schedules schedules = strict.schedules().orElseThrow();
    assertThat(schedules.find("a").orElseThrow().lastError()).contains("2000 B", "1000 B");
    assertThatThrownBy(() -> schedules.put("c", Definition.every(SECOND, "q", large)))
        .isInstanceOf(BrokerException.Rejected.class);
  }

  @Test
  void oneThatFailsInAnUnforeseenWayHindersNoOther() {
    Store broken =
        AroundStore.of(
            store,
            "find",
            (_, _) -> {
              throw new IllegalStateException("simulated");
            });
    engine.close();
    Engine running = open(broken);
    others.add(running);
    Schedules schedules = running.schedules().orElseThrow();
    schedules.put("a", every(SECOND).overlap(Overlap.SKIP)); // Looks for its last job.
    schedules.put("b", every(SECOND));
    clock.advance(Duration.ofSeconds(10));
    assertThat(dues()).hasSize(11);
    assertThat(schedules.find("a").orElseThrow().lastError()).contains("simulated");
    assertThat(schedules.find("b").orElseThrow().lastError()).isNull();
  }

  /** Who got an error would send it again. */
  @Test
  void aRunThatIsSentIsAnsweredEvenIfItsScheduleIsDeletedMeanwhile() {
    Setting gone = new Setting("schedule", "a", 2, Map.of());
    Store slow =
        AroundStore.of(
            store,
            "commit",
            (commits, call) -> {
              Object done = call.get();
              if (appends(commits)) {
                store.commit(Commit.synced(new Change.Put(gone)));
              }
              return done;
            });
    engine.close();
    others.add(open(slow));
    Schedules schedules = others.getFirst().schedules().orElseThrow();
    schedules.put("a", Definition.cron("@daily", "q", REPORT).overlap(Overlap.SKIP));
    JobId job = schedules.runNow("a");
    assertThat(store.find(List.of(job), Store.NO_BODIES)).hasSize(1);
    assertThat(schedules.find("a")).isEmpty();
  }

  private static boolean appends(Object commits) {
    return commits instanceof List<?> all
        && all.stream()
            .anyMatch(one ->
                one instanceof Commit commit
                    && commit.changes().getLast() instanceof Change.Append);
  }

  @Test
  void aJobThatHasTheDueTimeAlreadyIsTheLastOneAndMustNotBeOverlapped() {
    Definition definition = Definition.cron("*/10 * * * * *", "q", REPORT).overlap(Overlap.SKIP);
    schedules().put("a", definition);
    clock.advance(Duration.ofSeconds(10));
    JobId first = schedules().find("a").orElseThrow().lastJob();
    schedules().delete("a");
    clock.setWall(TestClock.START);
    schedules().put("a", definition);
    clock.advance(Duration.ofSeconds(11));
    assertThat(schedules().find("a").orElseThrow().lastJob()).isEqualTo(first);
    clock.advance(Duration.ofSeconds(60));
    assertThat(fired()).containsExactly(10L);
  }

  @Test
  void aFullDiskIsToldByThoseThatSendAndOthersMoveOn() {
    boolean[] full = {false};
    Store small =
        AroundStore.of(
            store,
            "commit",
            (commits, call) -> {
              if (full[0] && appends(commits)) {
                throw new BrokerException.DiskFull("simulated");
              }
              return call.get();
            });
    engine.close();
    others.add(open(small));
    Schedules schedules = others.getFirst().schedules().orElseThrow();
    schedules.put("a", every(SECOND).missed(Missed.ALL));
    schedules.put("b", every(SECOND).overlap(Overlap.SKIP));
    clock.advance(SECOND);
    assertThat(dues()).hasSize(2);
    full[0] = true;
    clock.advance(Duration.ofSeconds(5));
    assertThat(schedules.find("a").orElseThrow().lastError()).contains("disk");
    assertThat(schedules.find("b").orElseThrow().lastError()).isNull();
    assertThat(schedules.find("b").orElseThrow().next().getFirst()).isAfter(clock.now().wall());
    full[0] = false;
    clock.advance(Duration.ofSeconds(10));
    assertThat(schedules.find("a").orElseThrow().lastError()).isNull();
    assertThat(dues()).hasSize(17);
  }

  @Test
  void whoChangesAScheduleWaitsForAPageOfABacklogAndNotForAllOfIt() throws InterruptedException {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    Store slow =
        AroundStore.of(
            store,
            "commit",
            (commits, call) -> {
              if (appends(commits)) {
                meanwhile.getAndSet(() -> {}).run();
              }
              return call.get();
            });
    for (int i = 100; i < 700; i++) {
      schedules().put("s" + i, every(Duration.ofHours(1)));
    }
    engine.close();
    others.add(open(slow));
    Schedules schedules = others.getFirst().schedules().orElseThrow();
    Thread person = new Thread(() -> schedules.pause("s699"));
    meanwhile.set(() -> {
      person.start();
      while (person.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    });
    clock.advance(Duration.ofHours(1));
    person.join();
    assertThat(dues()).hasSize(599);
    assertThat(schedules.find("s699").orElseThrow().lastJob()).isNull();
  }

  @Test
  void missedOnesThatMustNotOverlapAreOneJob() {
    schedules().put("a", every(SECOND).missed(Missed.ALL).overlap(Overlap.SKIP));
    away(Duration.ofSeconds(20));
    assertThat(fired()).containsExactly(20L);
    clock.advance(Duration.ofSeconds(5));
    assertThat(fired()).containsExactly(20L);
  }

  @Test
  void anEngineWithoutSchedulesSetsNoAlarmForThem() {
    Long before = clock.nextAlarm();
    schedules().put("a", every(Duration.ofMillis(150)));
    assertThat(clock.nextAlarm()).isEqualTo(150L);
    schedules().delete("a");
    clock.advance(Duration.ofMillis(150));
    assertThat(clock.nextAlarm()).isEqualTo(before);
  }
}
