package dev.afterbay.rules;

import static dev.afterbay.rules.RuleSamples.NOW;
import static dev.afterbay.rules.RuleSamples.TICK;
import static dev.afterbay.rules.RuleSamples.WALL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Due;
import dev.afterbay.Event;
import dev.afterbay.EventType;
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

  private static final Set<EventType> ERRORS =
      EnumSet.of(EventType.FAILED, EventType.EXPIRED, EventType.RETRIED, EventType.LAPSED);
  private static final Set<EventType> WITH_DUE =
      EnumSet.of(EventType.SCHEDULED, EventType.RETRIED, EventType.LAPSED);

  @Test
  void anAcceptedJobIsEnqueuedIfItIsDueElseScheduled() {
    assertThat(EventRules.accepted(RuleSamples.pending(), NOW)).isEqualTo(EventType.ENQUEUED);
    Job later = RuleSamples.pending(new Due.AtTick(TICK + 1));
    assertThat(EventRules.accepted(later, NOW)).isEqualTo(EventType.SCHEDULED);
    assertThat(EventRules.accepted(RuleSamples.waiting(1, 0), NOW)).isEqualTo(EventType.SCHEDULED);
  }

  @Test
  void anEventOfAJobHasTimeQueueIdTypeAndAttempts() {
    Event event = EventRules.ofJob(EventType.LEASED, RuleSamples.processing(), null, NOW);
    assertThat(event)
        .isEqualTo(
            new Event(
                "",
                EventType.LEASED,
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
    assertThat(EventRules.ofJob(EventType.RENEWED, processing, null, NOW).consumer())
        .isEqualTo("worker");
    Job pending = RuleSamples.pending();
    assertThat(EventRules.ofJob(EventType.RELEASED, pending, before, NOW).consumer())
        .isEqualTo("worker");
    assertThat(EventRules.ofJob(EventType.ENQUEUED, pending, null, NOW).consumer()).isNull();
    assertThat(EventRules.ofJob(EventType.CANCELLED, pending, pending.state(), NOW).consumer())
        .isNull();
  }

  @Test
  void whenTheStateBeforeHadBegunIsTold() {
    Job job = RuleSamples.pending();
    State before = RuleSamples.processing().state();
    assertThat(EventRules.ofJob(EventType.DONE, job, before, NOW).since())
        .isEqualTo(before.changedAt());
    assertThat(EventRules.ofJob(EventType.ENQUEUED, job, null, NOW).since()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void theErrorIsToldOnlyOfWhatWentWrong(EventType type) {
    String error = EventRules.ofJob(type, RuleSamples.failed(), null, NOW).error();
    assertThat(error).isEqualTo(ERRORS.contains(type) ? "broken" : null);
  }

  @ParameterizedTest
  @EnumSource
  void whenItIsDueIsToldOnlyOfWhatWaitsForItsTime(EventType type) {
    Job later = RuleSamples.pending(new Due.AtTick(TICK + 5_000));
    assertThat(EventRules.ofJob(type, later, null, NOW).due())
        .isEqualTo(WITH_DUE.contains(type) ? WALL.plusSeconds(5) : null);
    assertThat(EventRules.ofJob(type, RuleSamples.waiting(1, 0), null, NOW).due()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void ofAForgottenJobTheStateIsToldInWhichItEnded(EventType type) {
    Map<EventType, Status.Kind> endings = new EnumMap<>(EventType.class);
    endings.put(EventType.DONE, Status.Kind.DONE);
    endings.put(EventType.FAILED, Status.Kind.FAILED);
    endings.put(EventType.EXPIRED, Status.Kind.FAILED);
    endings.put(EventType.LEASED, Status.Kind.PROCESSING); // at most once
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
  void thePauseOfAQueueIsTold(QueueState.Kind kind, EventType type, String subject) {
    Setting state =
        new Setting(Setting.QUEUE_STATE, "q", 1, SettingCodec.of(new QueueState(kind, "")));
    assertThat(EventRules.ofSetting(state, NOW)).isEqualTo(ofQueue(type, subject));
  }

  @Test
  void aDeletedStateIsToldAsResumed() {
    Setting deleted = new Setting(Setting.QUEUE_STATE, "q", 2, Map.of());
    assertThat(EventRules.ofSetting(deleted, NOW))
        .isEqualTo(ofQueue(EventType.QUEUE_RESUMED, "active"));
  }

  @Test
  void nothingIsToldOfOtherSettings() {
    Setting queue = new Setting(Setting.QUEUE, "q", 1, SettingCodec.of(RuleSamples.SETTINGS));
    assertThat(EventRules.ofSetting(queue, NOW)).isNull();
    assertThat(EventRules.ofSetting(new Setting("note", "n", 1, Map.of()), NOW)).isNull();
  }

  @Test
  void ofASessionItsNameAndItsConsumerAreTold() {
    Event event = EventRules.ofSession(EventType.SESSION_HELD, "q", "s", "worker", NOW);
    assertThat(event)
        .isEqualTo(
            new Event(
                "",
                EventType.SESSION_HELD,
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
    Event event = EventRules.ofQueue(EventType.BREAKER_OPENED, WALL, "q", "email", "refused");
    assertThat(event)
        .isEqualTo(
            new Event(
                "",
                EventType.BREAKER_OPENED,
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

  private static Event ofQueue(EventType type, String subject) {
    return new Event(
        "", type, WALL, "q", null, subject, null, 0, null, null, null, null, null, null, null, null,
        null);
  }
}
