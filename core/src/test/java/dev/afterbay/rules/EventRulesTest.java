package dev.afterbay.rules;

import static dev.afterbay.rules.RuleSamples.NOW;
import static dev.afterbay.rules.RuleSamples.TICK;
import static dev.afterbay.rules.RuleSamples.WALL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Due;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.QueueState;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What watchers are told: "Events" of model.md. */
class EventRulesTest {

  private static final Set<Event.Type> ERRORS =
      EnumSet.of(Event.Type.FAILED, Event.Type.EXPIRED, Event.Type.RETRIED, Event.Type.LAPSED);
  private static final Set<Event.Type> WITH_DUE =
      EnumSet.of(Event.Type.SCHEDULED, Event.Type.RETRIED, Event.Type.LAPSED);

  @Test
  void anAcceptedJobIsEnqueuedIfItIsDueElseScheduled() {
    assertThat(EventRules.accepted(RuleSamples.pending(), NOW)).isEqualTo(Event.Type.ENQUEUED);
    Job later = RuleSamples.pending(new Due.AtTick(TICK + 1));
    assertThat(EventRules.accepted(later, NOW)).isEqualTo(Event.Type.SCHEDULED);
    assertThat(EventRules.accepted(RuleSamples.waiting(1, 0), NOW)).isEqualTo(Event.Type.SCHEDULED);
  }

  @Test
  void anEventOfAJobHasTimeQueueIdTypeAndAttempts() {
    Event event = EventRules.ofJob(Event.Type.LEASED, RuleSamples.processing(), null, NOW);
    assertThat(event)
        .isEqualTo(
            new Event(
                "",
                Event.Type.LEASED,
                WALL,
                "q",
                RuleSamples.id(1),
                "note",
                Status.Kind.PROCESSING,
                1,
                "worker",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
  }

  @Test
  void anEventNeverHasTheBody() {
    assertThat(Arrays.stream(Event.class.getRecordComponents()).map(c -> c.getType().getName()))
        .doesNotContain("[B", "dev.afterbay.Message", "dev.afterbay.Job");
  }

  @Test
  void whoHasTheLeaseIsToldElseWhoHadIt() {
    Job processing = RuleSamples.processing();
    State before = processing.state();
    assertThat(EventRules.ofJob(Event.Type.RENEWED, processing, null, NOW).consumer())
        .isEqualTo("worker");
    Job pending = RuleSamples.pending();
    assertThat(EventRules.ofJob(Event.Type.RELEASED, pending, before, NOW).consumer())
        .isEqualTo("worker");
    assertThat(EventRules.ofJob(Event.Type.ENQUEUED, pending, null, NOW).consumer()).isNull();
    assertThat(EventRules.ofJob(Event.Type.CANCELLED, pending, pending.state(), NOW).consumer())
        .isNull();
  }

  @Test
  void whenTheStateBeforeHadBegunIsTold() {
    Job job = RuleSamples.pending();
    State before = RuleSamples.processing().state();
    assertThat(EventRules.ofJob(Event.Type.DONE, job, before, NOW).since())
        .isEqualTo(before.changedAt());
    assertThat(EventRules.ofJob(Event.Type.ENQUEUED, job, null, NOW).since()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void theErrorIsToldOnlyOfWhatWentWrong(Event.Type type) {
    String error = EventRules.ofJob(type, RuleSamples.failed(), null, NOW).error();
    assertThat(error).isEqualTo(ERRORS.contains(type) ? "broken" : null);
  }

  @ParameterizedTest
  @EnumSource
  void whenItIsDueIsToldOnlyOfWhatWaitsForItsTime(Event.Type type) {
    Job later = RuleSamples.pending(new Due.AtTick(TICK + 5_000));
    assertThat(EventRules.ofJob(type, later, null, NOW).due())
        .isEqualTo(WITH_DUE.contains(type) ? WALL.plusSeconds(5) : null);
    assertThat(EventRules.ofJob(type, RuleSamples.waiting(1, 0), null, NOW).due()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void ofAForgottenJobTheStateIsToldInWhichItEnded(Event.Type type) {
    Map<Event.Type, Status.Kind> endings = new EnumMap<>(Event.Type.class);
    endings.put(Event.Type.DONE, Status.Kind.DONE);
    endings.put(Event.Type.FAILED, Status.Kind.FAILED);
    endings.put(Event.Type.EXPIRED, Status.Kind.FAILED);
    endings.put(Event.Type.LEASED, Status.Kind.PROCESSING); // at most once
    assertThat(EventRules.ofJob(type, RuleSamples.gone(), null, NOW).status())
        .isEqualTo(endings.getOrDefault(type, Status.Kind.CANCELLED));
    assertThat(EventRules.ofJob(type, RuleSamples.pending(), null, NOW).status())
        .isEqualTo(Status.Kind.PENDING);
  }

  @ParameterizedTest
  @CsvSource({
    "PAUSED,   QUEUE_PAUSED,  paused",
    "ACTIVE,   QUEUE_RESUMED, active",
    "DRAINING, QUEUE_RESUMED, draining", // it hands out jobs again, if it was paused
  })
  void thePauseOfAQueueIsTold(QueueState.Kind kind, Event.Type type, String subject) {
    Setting state =
        new Setting(Setting.QUEUE_STATE, "q", 1, SettingCodec.of(new QueueState(kind, "")));
    assertThat(EventRules.ofSetting(state, NOW)).isEqualTo(ofQueue(type, subject));
  }

  @Test
  void aDeletedStateIsToldAsResumed() {
    Setting deleted = new Setting(Setting.QUEUE_STATE, "q", 2, Map.of());
    assertThat(EventRules.ofSetting(deleted, NOW))
        .isEqualTo(ofQueue(Event.Type.QUEUE_RESUMED, "active"));
  }

  @Test
  void nothingIsToldOfOtherSettings() {
    Setting queue = new Setting(Setting.QUEUE, "q", 1, SettingCodec.of(RuleSamples.SETTINGS));
    assertThat(EventRules.ofSetting(queue, NOW)).isNull();
    assertThat(EventRules.ofSetting(new Setting("note", "n", 1, Map.of()), NOW)).isNull();
  }

  @Test
  void ofASessionItsNameAndItsConsumerAreTold() {
    Event event = EventRules.ofSession(Event.Type.SESSION_HELD, "q", "s", "worker", NOW);
    assertThat(event)
        .isEqualTo(
            new Event(
                "",
                Event.Type.SESSION_HELD,
                WALL,
                "q",
                null,
                "s",
                null,
                0,
                "worker",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
  }

  @Test
  void ofABreakerItsTypeAndTheErrorAreTold() {
    Event event = EventRules.ofQueue(Event.Type.BREAKER_OPENED, WALL, "q", "email", "refused");
    assertThat(event)
        .isEqualTo(
            new Event(
                "",
                Event.Type.BREAKER_OPENED,
                WALL,
                "q",
                null,
                "email",
                null,
                0,
                null,
                "refused",
                null,
                null,
                null,
                null,
                null,
                null,
                null));
  }

  private static Event ofQueue(Event.Type type, String subject) {
    return new Event(
        "", type, WALL, "q", null, subject, null, 0, null, null, null, null, null, null, null, null,
        null);
  }
}
