package dev.afterbay.rules;

import static dev.afterbay.rules.RuleSamples.NOW;
import static dev.afterbay.rules.RuleSamples.SETTINGS;
import static dev.afterbay.rules.RuleSamples.TICK;
import static dev.afterbay.rules.RuleSamples.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the end of a job brings about for those that wait for it: rule 9 of store.md. */
class DependentsTest {

  private static final Status DUE = new Status.Pending(new Due.AtTick(TICK));

  /** Jobs by id, counted down as a store does it. */
  private final Map<JobId, Job> stored = new HashMap<>();

  private final List<String> told = new ArrayList<>();

  @Test
  void onlyAWaitingJobIsCountedDown() {
    for (Job job : RuleSamples.inEveryState()) {
      Transition transition = Dependents.countedDown(job, true, SETTINGS, NOW);
      assertThat(transition != null).isEqualTo(job.status() instanceof Status.Waiting);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // left, failed before, this one is done, state
    "2, 0, true,  WAITING",
    "2, 0, false, WAITING",
    "1, 0, true,  PENDING",
    "1, 0, false, CANCELLED",
    "1, 1, true,  CANCELLED",
    "1, 1, false, CANCELLED",
  })
  void afterTheLastAJobIsDueOrCancelledIfOneWasNotDone(
      int left, int failed, boolean good, Status.Kind state) {
    Job waiting = kept(RuleSamples.in(tracked(1), new Status.Waiting(left, failed)));
    assertThat(statusAfter(waiting, good).kind()).isEqualTo(state);
  }

  @Test
  void itCountsHowManyAreLeftAndHowManyWereNotDone() {
    assertThat(statusAfter(RuleSamples.waiting(3, 1), true)).isEqualTo(new Status.Waiting(2, 1));
    assertThat(statusAfter(RuleSamples.waiting(3, 1), false)).isEqualTo(new Status.Waiting(2, 2));
  }

  @Test
  void aDelayOfAWaitingJobCountsFromTheEndOfTheLast() {
    Job delayed = RuleSamples.sent(1, RuleSamples.message().delay(Duration.ofSeconds(5)));
    Job waiting = RuleSamples.in(delayed, new Status.Waiting(1, 0));
    assertThat(statusAfter(waiting, true))
        .isEqualTo(new Status.Pending(new Due.AtTick(TICK + 5_000)));
  }

  @Test
  void aJobThatTheStoreEndedTellsThoseThatWaitForItThatItWasNotDone() {
    kept(RuleSamples.in(tracked(2), new Status.Waiting(1, 0)));
    kept(RuleSamples.in(tracked(3), new Status.Waiting(2, 0)));
    Status failed = RuleSamples.failed().status();
    Dependents.endedByStore(
        RuleSamples.in(tracked(1), failed, List.of(id(2), id(3))), this::countDown);
    assertThat(told).containsExactly(id(2) + " false", id(3) + " false");
    assertThat(kind(2)).isEqualTo(Status.Kind.CANCELLED);
    assertThat(stored.get(id(3)).status()).isEqualTo(new Status.Waiting(1, 1));
  }

  @Test
  void aJobThatHasNotEndedTellsNobody() {
    for (Job job : RuleSamples.inEveryState()) {
      told.clear();
      Job waitedFor = RuleSamples.in(tracked(1), job.status(), List.of(id(2)));
      Dependents.endedByStore(waitedFor, this::countDown);
      assertThat(told).hasSize(job.status().kind().isFinal() ? 1 : 0);
    }
  }

  @Test
  void whatIsCancelledForAnotherTellsThoseThatWaitForItHoweverLongTheChain() {
    int last = 100_000;
    for (int i = 2; i <= last; i++) {
      List<JobId> then = i < last ? List.of(id(i + 1)) : List.of();
      kept(RuleSamples.in(tracked(i), new Status.Waiting(1, 0), then));
    }
    Dependents.tell(id(2), false, this::countDown);
    assertThat(told).hasSize(last - 1);
    assertThat(stored.values()).allMatch(job -> job.status() instanceof Status.Cancelled);
  }

  @Test
  void aJobThatBecomesDueTellsNobodyYet() {
    kept(RuleSamples.in(tracked(2), new Status.Waiting(1, 0), List.of(id(3))));
    kept(RuleSamples.in(tracked(3), new Status.Waiting(1, 0)));
    Dependents.tell(id(2), true, this::countDown);
    assertThat(told).containsExactly(id(2) + " true");
    assertThat(stored.get(id(2)).status()).isEqualTo(DUE);
    assertThat(kind(3)).isEqualTo(Status.Kind.WAITING);
  }

  private @Nullable Job countDown(JobId waiting, boolean good) {
    told.add(waiting + " " + good);
    Job job = stored.get(waiting);
    Transition transition = job == null ? null : Dependents.countedDown(job, good, SETTINGS, NOW);
    return transition == null ? null : kept(RuleSamples.after(job, transition));
  }

  private Job kept(Job job) {
    stored.put(job.id(), job);
    return job;
  }

  private Status.Kind kind(long number) {
    return stored.get(id(number)).status().kind();
  }

  private static Status statusAfter(Job waiting, boolean good) {
    Transition transition = Dependents.countedDown(waiting, good, SETTINGS, NOW);
    assertThat(transition).isNotNull();
    return transition.after().status();
  }

  /** Kept once it has ended. */
  private static Job tracked(long number) {
    return RuleSamples.sent(number, RuleSamples.message().tracked());
  }
}
