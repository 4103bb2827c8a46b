package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.QUEUE;
import static dev.afterbay.contract.BrokerUser.rejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Missed;
import dev.afterbay.Schedules.Overlap;
import dev.afterbay.Schedules.Schedule;
import dev.afterbay.Watch;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Schedules, of brokers that have them. */
interface BrokerSchedules {

  Message REPORT = Message.of("report", "yesterday");
  Duration EVERY = Duration.ofMillis(200);

  BrokerUser user();

  private Schedules schedules() {
    return user().schedules();
  }

  private static Definition every(Duration every) {
    return Definition.every(every, QUEUE, REPORT);
  }

  @Test
  default void anIntervalFiresFirstWhenItHasPassedOnce() {
    Schedules.Put put = schedules().put("often", every(EVERY));
    assertThat(put.created()).isTrue();
    user().receivesNothing();
    List<Instant> next = put.schedule().next();
    assertThat(next).hasSize(Schedules.NEXT_SHOWN);
    assertThat(next.get(4)).isEqualTo(next.getFirst().plus(EVERY.multipliedBy(4)));

    user().pass(EVERY);
    Job job = user().receive().job();
    assertThat(job.message().type()).isEqualTo("report");
    assertThat(job.message().text()).isEqualTo("yesterday");
    assertThat(job.message().options().notBefore()).isEqualTo(next.getFirst());
    assertThat(job.message().options().tracked()).isTrue();
    user().pass(EVERY);
    Job second = user().receive().job();
    assertThat(second.message().options().notBefore()).isEqualTo(next.get(1));
    assertThat(second.message().options().key()).isNotEqualTo(job.message().options().key());
  }

  @Test
  default void aCronExpressionFiresAtTheTimesThatAreShown() {
    Definition hourly = Definition.cron("0 * * * *", QUEUE, REPORT);
    List<Instant> next = schedules().put("hourly", hourly).schedule().next();
    assertThat(next.get(1)).isEqualTo(next.getFirst().plus(Duration.ofHours(1)));
    user().clock(); // Else the test would take long.
    for (Instant due : next.subList(0, 3)) {
      user().pass(Duration.ofHours(1).minusMillis(1));
      user().receivesNothing();
      user().pass(Duration.ofMillis(1));
      Delivery delivery = user().receive();
      assertThat(due(delivery)).isEqualTo(due);
      delivery.done();
    }
    assertThat(found("hourly").next().getFirst()).isEqualTo(next.get(3));
    assertThat(found("hourly").lastJob()).isNotNull();
  }

  @Test
  default void aScheduleIsFoundAsItWasPut() {
    byte[] body = {0, -1, 'x'};
    Message message =
        new Message("t", "image/png", body, Map.of("a b", "ü\n"), Message.Options.NONE)
            .session("s")
            .priority(7)
            .maxAttempts(2)
            .timeToLive(Duration.ofHours(1));
    for (Message each :
        List.of(
            message,
            REPORT,
            Message.of("json", "{\"a\": [1, null]}").contentType("application/json"),
            Message.of("json", " {} ").contentType("application/json"),
            Message.of("json", "{}").contentType("application/json; charset=utf-8"),
            Message.of("json", "{").contentType("application/json"),
            Message.of(new byte[0]))) {
      Definition definition =
          Definition.cron("*/5 1-3 * JAN SUN", "other", each)
              .zone(ZoneId.of("America/St_Johns"))
              .missed(Missed.ALL)
              .overlap(Overlap.SKIP);
      schedules().put("nightly", definition);
      Schedule schedule = found("nightly");
      assertThat(schedule.name()).isEqualTo("nightly");
      assertThat(schedule.definition()).isEqualTo(definition);
      assertThat(schedule.paused()).isFalse();
      assertThat(schedule.lastJob()).isNull();
      assertThat(schedule.lastError()).isNull();
      assertThat(schedule.next()).hasSize(Schedules.NEXT_SHOWN).isSorted();
    }
    schedules().put("nightly", every(EVERY));
    assertThat(found("nightly").definition()).isEqualTo(every(EVERY));
    assertThat(schedules().find("other")).isEmpty();
  }

  @Test
  default void theSameDefinitionChangesNothingAndAnotherBeginsAnew() {
    Duration minute = Duration.ofMinutes(1);
    user().clock(); // Else the test would take long.
    Instant first = schedules().put("often", every(minute)).schedule().next().getFirst();
    user().pass(Duration.ofSeconds(40));
    Schedules.Put again = schedules().put("often", every(minute));
    assertThat(again.created()).isFalse();
    assertThat(again.schedule().next().getFirst()).isEqualTo(first);
    Schedules.Put other = schedules().put("often", every(minute).missed(Missed.SKIP));
    assertThat(other.created()).isFalse();
    assertThat(other.schedule().next().getFirst()).isEqualTo(first.plusSeconds(40));
    user().pass(Duration.ofSeconds(59));
    user().receivesNothing();
    user().pass(Duration.ofSeconds(1));
    user().receive();
  }

  @Test
  default void aPausedScheduleDoesNotFireAndMissesNothing() {
    schedules().put("often", every(EVERY).missed(Missed.ALL));
    assertThat(schedules().pause("often").paused()).isTrue();
    assertThat(schedules().pause("often").paused()).isTrue();
    assertThat(schedules().put("often", every(EVERY)).schedule().paused()).isTrue();
    user().pass(EVERY.multipliedBy(4));
    user().receivesNothing();
    Schedule resumed = schedules().resume("often");
    assertThat(resumed.paused()).isFalse();
    assertThat(schedules().resume("often").next()).isEqualTo(resumed.next());
    user().pass(EVERY);
    assertThat(user().receive().job().message().options().notBefore())
        .isEqualTo(resumed.next().getFirst());
  }

  @Test
  default void runNowSendsTheJobAndDoesNotMoveTheSchedule() {
    Definition daily = Definition.cron("@daily", QUEUE, REPORT);
    List<Instant> next = schedules().put("daily", daily).schedule().next();
    JobId id = schedules().runNow("daily");
    Delivery delivery = user().receive();
    assertThat(delivery.job().id()).isEqualTo(id);
    assertThat(schedules().runNow("daily")).isNotEqualTo(id);
    schedules().pause("daily");
    schedules().runNow("daily");
    user().receive(2);
    assertThat(schedules().resume("daily").next()).isEqualTo(next);
  }

  @Test
  default void theEventsOfAJobTellWhichScheduleSentIt() {
    user().clock(); // Else it may fire once more meanwhile.
    schedules().put("often", every(EVERY));
    try (Watch watch = user().jobs().watch(null)) {
      user().pass(EVERY);
      Delivery fired = user().receive();
      assertThat(Schedules.sentBy(fired.job().message())).isEqualTo("often");
      fired.done();
      schedules().runNow("often");
      user().receive();
      user().send(REPORT);
      List<@Nullable String> told = new ArrayList<>();
      Await.until(
          "the last event",
          () -> {
            List<Event> some = BrokerUser.quiet(() -> watch.next(100, Duration.ZERO));
            some.forEach(event -> told.add(event.schedule()));
            return told.contains(null);
          });
      assertThat(told).containsExactly("often", "often", "often", "often", "often", null);
    }
  }

  @Test
  default void oneThatMustNotOverlapIsLeftOutUntilItsJobHasEnded() {
    user().clock(); // Else it would depend on how fast the test is.
    schedules().put("often", every(EVERY).overlap(Overlap.SKIP));
    user().pass(EVERY);
    Delivery first = user().receive();
    user().pass(EVERY.multipliedBy(3));
    user().receivesNothing();
    first.done();
    user().receivesNothing();
    user().pass(EVERY);
    Delivery second = user().receive();
    assertThat(due(second)).isEqualTo(due(first).plus(EVERY.multipliedBy(4)));
    second.fail("no");
    user().pass(EVERY);
    assertThat(due(user().receive())).isEqualTo(due(second).plus(EVERY));
  }

  private static Instant due(Delivery delivery) {
    Instant due = delivery.message().options().notBefore();
    assertThat(due).isNotNull();
    return due == null ? Instant.MIN : due;
  }

  @Test
  default void aDeletedScheduleFiresNoMore() {
    schedules().put("often", every(EVERY));
    assertThat(schedules().delete("often")).isTrue();
    assertThat(schedules().delete("often")).isFalse();
    assertThat(schedules().find("often")).isEmpty();
    user().pass(EVERY.multipliedBy(2));
    user().receivesNothing();
    assertThat(schedules().put("often", every(EVERY)).created()).isTrue();
  }

  @Test
  default void schedulesAreListedByName() {
    for (String name : List.of("b", "a", "c.d", "A")) {
      schedules().put(name, Definition.cron("@daily", QUEUE, REPORT));
    }
    assertThat(names(null, 500)).containsExactly("A", "a", "b", "c.d");
    assertThat(names(null, 2)).containsExactly("A", "a");
    assertThat(names("a", 2)).containsExactly("b", "c.d");
    assertThat(names("c.d", 2)).isEmpty();
    assertThat(schedules().list(null, 1).getFirst()).isEqualTo(found("A"));
    rejected(() -> schedules().list(null, 0));
    rejected(() -> schedules().list(null, Schedules.PAGE_MAX + 1));
  }

  private List<String> names(@Nullable String after, int max) {
    return schedules().list(after, max).stream().map(Schedule::name).toList();
  }

  @Test
  default void whatIsNotThereIsSaidByName() {
    assertThat(schedules().find("none")).isEmpty();
    assertThatThrownBy(() -> schedules().pause("none"))
        .isInstanceOf(BrokerException.ScheduleNotFound.class)
        .hasMessageContaining("none");
    assertThatThrownBy(() -> schedules().resume("none"))
        .isInstanceOf(BrokerException.ScheduleNotFound.class);
    assertThatThrownBy(() -> schedules().runNow("none"))
        .isInstanceOf(BrokerException.ScheduleNotFound.class);
    for (String name : List.of("", "a/b", "..", "ä", "a b", "x".repeat(129), "%2F")) {
      rejected(() -> schedules().put(name, every(EVERY)));
    }
    assertThat(schedules().list(null, 10)).isEmpty();
  }

  @Test
  default void oneWhoseQueueTakesNothingSaysSoAndHindersNoOther() {
    user().clock(); // Else the test would take long.
    user().send(REPORT);
    user().configure(BrokerUser.eager().depthMax(1L));
    schedules().put("a", every(EVERY));
    schedules().put("b", Definition.every(EVERY, "other", REPORT));
    user().pass(EVERY);
    assertThat(user().broker.queue("other").stats().pending()).isEqualTo(1);
    assertThat(found("a").lastError()).contains("full");
    assertThat(found("b").lastError()).isNull();
    user().configure(BrokerUser.eager());
    user().pass(Duration.ofMinutes(1));
    assertThat(found("a").lastError()).isNull();
    assertThat(found("a").lastJob()).isNotNull();
  }

  @Test
  default void runNowIsRefusedAsASendIs() {
    user().send(REPORT);
    user().configure(BrokerUser.eager().depthMax(1L));
    schedules().put("daily", Definition.cron("@daily", QUEUE, REPORT));
    assertThatThrownBy(() -> schedules().runNow("daily"))
        .isInstanceOf(BrokerException.QueueFull.class);
  }

  @Test
  default void manyMayPutTheSameScheduleTogether() throws Exception {
    List<CompletableFuture<Boolean>> puts = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Definition definition = every(Duration.ofHours(1 + i));
      puts.add(BrokerUser.inBackground(() -> schedules().put("one", definition).created()));
    }
    int created = 0;
    for (CompletableFuture<Boolean> put : puts) {
      created += put.get(10, TimeUnit.SECONDS) ? 1 : 0;
    }
    assertThat(created).isEqualTo(1);
    Schedule schedule = found("one");
    assertThat(schedule.definition().every()).isNotNull();
    assertThat(schedules().put("one", schedule.definition()).schedule()).isEqualTo(schedule);
  }

  @Test
  default void aDefinitionThatMakesNoSenseIsRefused() {
    rejected(() -> Definition.cron("61 * * * *", QUEUE, REPORT));
    rejected(() -> Definition.cron("0 0 30 2 *", QUEUE, REPORT));
    rejected(() -> every(Duration.ofMillis(99)));
    rejected(() -> every(Duration.ofNanos(150_500_000)));
    rejected(() -> every(Duration.ofDays(4_000)));
    rejected(() -> Definition.every(EVERY, QUEUE, REPORT.delay(EVERY)));
    rejected(() -> Definition.every(EVERY, QUEUE, REPORT.notBefore(TestClock.START)));
    rejected(() -> Definition.every(EVERY, QUEUE, REPORT.key("k")));
    byte[] large = new byte[Schedules.BODY_BYTES_MAX + 1];
    rejected(() -> Definition.every(EVERY, QUEUE, Message.of(large)));
  }

  private Schedule found(String name) {
    return schedules().find(name).orElseThrow();
  }
}
