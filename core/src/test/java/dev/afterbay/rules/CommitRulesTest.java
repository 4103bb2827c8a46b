package dev.afterbay.rules;

import static dev.afterbay.rules.RuleSamples.FENCE;
import static dev.afterbay.rules.RuleSamples.FIFO;
import static dev.afterbay.rules.RuleSamples.NOW;
import static dev.afterbay.rules.RuleSamples.SETTINGS;
import static dev.afterbay.rules.RuleSamples.TICK;
import static dev.afterbay.rules.RuleSamples.WALL;
import static dev.afterbay.rules.RuleSamples.id;
import static dev.afterbay.rules.RuleSamples.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueSettings.DeliveryMode;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which commits may happen: the guards, repeats and limits of model.md and store.md. */
class CommitRulesTest {

  private final FixedState stored = new FixedState();

  // Appends: transitions 1 and 2.

  @Test
  void aMessageIsAccepted() {
    happens(append(1));
  }

  @Test
  void aJobIsKnownByItsIdSoARepeatedSendStoresNothing() {
    stored.with(sent(1));
    hadHappened(List.of(id(1)), append(1));
  }

  @Test
  void aRepeatedBatchAnswersTheFirstJobOfEachOfItsMessages() {
    stored.with(sent(1)).with("k", id(9));
    hadHappened(List.of(id(1), id(9)), append(1), append(sent(2), "k"));
  }

  @Test
  void ofABatchThatSomebodyElseSentInPartNothingHappens() {
    stored.with(sent(2));
    stale(1, append(1), append(2));
  }

  @Test
  void aDrainingQueueTakesNoMessages() {
    drains();
    stale(1, new Change.Ended(id(7), true), append(1));
  }

  @Test
  void aDrainingQueueTakesWhatWasAcceptedBefore() {
    drains();
    happens(new Change.Append(RuleSamples.pending(), null));
  }

  @Test
  void aDrainingQueueAnswersAMessageWhoseKeyItKnows() {
    drains();
    stored.with("k", id(9));
    happens(append(sent(1), "k"));
  }

  @Test
  void aMessageThatWasMadeForAnotherOrderIsMadeAnew() {
    Job ofFifo = Job.created(id(1), "q", RuleSamples.message(), FIFO, NOW);
    Job ofSession = sent(2, RuleSamples.message().session("s"));
    stored.with(FIFO, 0);
    happens(new Change.Append(ofFifo, null));
    stale(0, append(3));
    stale(0, new Change.Append(ofSession, null));
    stored.with(SETTINGS, 0);
    stale(0, new Change.Append(ofFifo, null));
    happens(append(3));
    happens(new Change.Append(ofSession, null));
  }

  // Depth: a queue that is full takes no message.

  @ParameterizedTest
  @CsvSource({
    // depth, limit, messages, the first that there is no room for
    " 0, 10, 3,",
    " 7, 10, 3,",
    " 8, 10, 3, 2",
    " 9, 10, 3, 1",
    "10, 10, 3, 0",
    "12, 10, 3, 0", // the limit was lowered since
  })
  void aQueueThatIsFullTakesNoneOfTheMessages(
      long depth, long max, int messages, @Nullable Integer refused) {
    stored.with(SETTINGS.depthMax(max), depth);
    Change[] appends = new Change[messages];
    for (int i = 0; i < messages; i++) {
      appends[i] = append(i + 1);
    }
    assertThat(answer(appends))
        .isEqualTo(refused == null ? null : new Committed.Full(refused, "q", max));
  }

  @Test
  void aFullQueueTakesBackWhatWasAcceptedBefore() {
    stored.with(SETTINGS.depthMax(1L), 1);
    happens(new Change.Append(RuleSamples.pending(), null));
  }

  @Test
  void aMessageWhoseKeyIsKnownNeedsNoRoom() {
    stored.with(SETTINGS.depthMax(1L), 1).with("k", id(9));
    happens(append(sent(1), "k"));
  }

  @Test
  void twoMessagesWithOneKeyNeedRoomForOneAsLongAsTheKeyIsRemembered() {
    stored.with(SETTINGS.depthMax(1L), 0);
    happens(append(sent(1), "k"), append(sent(2), "k"));
    assertThat(answer(append(sent(1), "k"), append(sent(2), "other")))
        .isEqualTo(new Committed.Full(1, "q", 1));
    Change.Unique over = new Change.Unique("k", WALL);
    assertThat(answer(new Change.Append(sent(1), over), new Change.Append(sent(2), over)))
        .isEqualTo(new Committed.Full(1, "q", 1));
  }

  @Test
  void eachQueueHasARoomOfItsOwn() {
    stored.with("q", SETTINGS.depthMax(1L), 0).with("p", SETTINGS.depthMax(1L), 1);
    Job other = Job.created(id(2), "p", RuleSamples.message(), SETTINGS, NOW);
    happens(append(1));
    assertThat(answer(append(1), new Change.Append(other, null)))
        .isEqualTo(new Committed.Full(1, "p", 1));
  }

  @Test
  void aQueueThatIsNotKnownOrHasNoLimitHasRoom() {
    stored.with("other", SETTINGS.depthMax(1L), 1);
    happens(append(1));
    stored.with((QueueSettings) null, 5);
    happens(append(1));
    stored.with(SETTINGS, 5);
    happens(append(1));
  }

  @Test
  void aSendAsksForNoJobAndForNoKeyUnlessItsQueueMayBeFull() {
    stored.with(SETTINGS.depthMax(100L), 1);
    happens(append(sent(1), "k"));
    assertThat(stored.asked).containsOnly("hasJob", "queue");
  }

  // Swaps: transitions 3 to 16, each from the version that was seen.

  @Test
  void aTransitionFromTheVersionThatIsThereHappens() {
    Job job = RuleSamples.processing();
    stored.with(job);
    happens(settled(job));
  }

  @Test
  void aTransitionFromAnEarlierVersionIsRefusedWithTheJobAsItIs() {
    Job seen = RuleSamples.processing();
    Job now = RuleSamples.after(seen, seen.cancelled(SETTINGS, NOW));
    stored.with(now);
    assertThat(answer(settled(seen))).isEqualTo(new Committed.Stale(0, now, null));
  }

  @Test
  void aTransitionWhoseResultIsThereHasHappened() {
    Job job = RuleSamples.in(tracked(), RuleSamples.processing().status());
    Change.Swap swap = settled(job);
    stored.with(RuleSamples.after(job, swap.transition()));
    hadHappened(List.of(), swap);
  }

  @Test
  void aClaimWhoseLeaseWasRenewedSinceHasHappened() {
    Job seen = RuleSamples.pending();
    Transition claim = seen.claimed(RuleSamples.lease(TICK + 10), NOW);
    Job claimed = RuleSamples.after(seen, claim);
    stored.with(claimed.with(TimeRules.renewed(claimed, TICK + 99), null));
    hadHappened(List.of(), new Change.Swap(seen.id(), seen.state().version(), claim));
  }

  @Test
  void aJobThatIsNotThereWasForgottenIfThatIsTheTransitionElseItIsRefused() {
    Job job = RuleSamples.processing();
    hadHappened(List.of(), new Change.Swap(job.id(), 5, job.deleted(NOW)));
    Transition retry = job.orphaned("gone", SETTINGS, NOW);
    assertThat(answer(new Change.Swap(job.id(), 5, retry)))
        .isEqualTo(new Committed.Stale(0, null, null));
  }

  @Test
  void aTransitionDoesNotBringBackALeaseThatWasRenewedSince() {
    Job seen = RuleSamples.processing(RuleSamples.lease(TICK + 10));
    Job now = seen.with(TimeRules.renewed(seen, TICK + 99), null);
    Change.Swap cancel = new Change.Swap(seen.id(), 5, seen.cancelled(SETTINGS, NOW));
    Transition swapped = CommitRules.swapped(now, cancel);
    assertThat(swapped.after().status())
        .isEqualTo(new Status.Processing(RuleSamples.lease(TICK + 99)));
    assertThat(swapped.after().cancelRequested()).isTrue();
  }

  @Test
  void aTransitionToAnotherLeaseKeepsThatOne() {
    Job now = RuleSamples.processing();
    var next = new Lease("other", FENCE + 1, WALL, TICK + 5, false);
    Transition claim = RuleSamples.pending().claimed(next, NOW);
    assertThat(CommitRules.swapped(now, new Change.Swap(now.id(), 5, claim)).after().status())
        .isEqualTo(new Status.Processing(next));
  }

  // Renewals: transition 4, the consumer of the current fence.

  @ParameterizedTest
  @CsvSource({
    // fence, rest of the lease, renewed
    "0,  1, true",
    "0,  0, false",
    "0, -1, false",
    "-1, 1, false",
    "1,  1, false",
  })
  void aLeaseIsRenewedByItsOwnFenceWhileItLives(long fence, long rest, boolean isRenewed) {
    Job job = RuleSamples.processing(RuleSamples.lease(TICK + rest));
    stored.with(job);
    Committed answer = answer(new Change.Renew(job.id(), FENCE + fence, TICK + 100));
    assertThat(answer).isEqualTo(isRenewed ? null : new Committed.Stale(0, job, null));
  }

  @Test
  void onlyAJobThatIsBeingProcessedIsRenewed() {
    for (Job job : RuleSamples.inEveryState()) {
      stored.with(job);
      boolean isProcessing = job.status() instanceof Status.Processing;
      Committed answer = answer(new Change.Renew(job.id(), FENCE, TICK + 100));
      assertThat(answer == null).as(job.status().toString()).isEqualTo(isProcessing);
    }
    stored.jobs.clear();
    stale(0, new Change.Renew(id(1), FENCE, TICK + 100));
  }

  // Sessions.

  @Test
  void aSessionIsKeptAndFreedByWhoHoldsItNow() {
    for (Long until : new Long[] {TICK + 100, null}) {
      Change.Hold hold = new Change.Hold("q", "s", FENCE, until);
      stored.sessions.clear();
      stale(0, hold);
      stored.with(new SessionLease("s", "other", FENCE + 1, TICK + 50));
      stale(0, hold);
      stored.with(new SessionLease("s", "worker", FENCE, TICK + 50));
      happens(hold);
    }
  }

  // Settings.

  @ParameterizedTest
  @CsvSource({"0, 1, true", "0, 2, false", "3, 4, true", "3, 3, false", "3, 5, false"})
  void aSettingIsWrittenFromTheVersionThatIsThere(long stored, long version, boolean isWritten) {
    Setting before = note(stored, "old");
    if (stored > 0) {
      this.stored.with(before);
    }
    Committed answer = answer(new Change.Put(note(version, "new")));
    Setting shown = stored > 0 ? before : null;
    assertThat(answer).isEqualTo(isWritten ? null : new Committed.Stale(0, null, shown));
  }

  @Test
  void aSettingThatIsThereWasWritten() {
    stored.with(note(3, "same"));
    hadHappened(List.of(), new Change.Put(note(3, "same")));
  }

  @Test
  void jobsThatHaveNotEndedKeepTheOrderAndTheDeliveryByWhichTheyWereMade() {
    QueueSettings atMostOnce = SETTINGS.delivery(DeliveryMode.AT_MOST_ONCE);
    for (QueueSettings other : List.of(FIFO, atMostOnce)) {
      stored.with(SETTINGS, 1);
      stale(0, new Change.Put(queue(other)));
      stored.with(SETTINGS, 0);
      happens(new Change.Put(queue(other)));
    }
    stored.with(SETTINGS, 1);
    happens(new Change.Put(queue(SETTINGS.maxAttempts(9))));
    happens(new Change.Put(new Setting(Setting.QUEUE, "q", 1, Map.of())));
    stored.with(null, 1);
    happens(new Change.Put(queue(FIFO)));
  }

  // What has no guard, or one of its own.

  @Test
  void aQueueIsForgottenOnlyIfItHasNoJobs() {
    happens(new Change.Drop("q"));
    stored.with(SETTINGS, 0);
    happens(new Change.Drop("q"));
    stored.with(SETTINGS, 1);
    stale(0, new Change.Drop("q"));
    // Its jobs have ended, and are kept.
    stored.queues.put("q", new FixedState.Queue(SETTINGS, false, 0, false));
    stale(0, new Change.Drop("q"));
  }

  @Test
  void theEndOfAPredecessorAndForgettingAreNeverRefused() {
    happens(new Change.Ended(id(1), true));
    happens(new Change.Forget("q", Status.Kind.DONE, WALL, 10));
  }

  // Commits of several changes: all or none, and not twice.

  @Test
  void ifOneChangeIsRefusedNothingHappens() {
    Job job = RuleSamples.processing();
    stored.with(job);
    assertThat(answer(settled(job), new Change.Renew(id(2), FENCE, TICK), append(3)))
        .isEqualTo(new Committed.Stale(1, null, null));
  }

  @Test
  void aCommitOfWhichAllIsThereHasHappened() {
    Job job = RuleSamples.in(tracked(), RuleSamples.processing().status());
    Change.Swap swap = settled(job);
    stored.with(RuleSamples.after(job, swap.transition())).with(sent(2)).with(note(3, "same"));
    hadHappened(
        List.of(id(2)),
        swap,
        append(2),
        new Change.Put(note(3, "same")),
        new Change.Ended(id(4), true));
  }

  @Test
  void aCommitOfWhichPartIsThereIsRefused() {
    Job job = RuleSamples.processing();
    stored.with(job).with(sent(2));
    stale(1, settled(job), append(2));
    stale(0, append(2), new Change.Put(note(1, "new")));
  }

  @ParameterizedTest
  @CsvSource({"99, false", "100, true", "101, true"})
  void aRenewalBesideARepeatHasHappenedIfTheLeaseLastsThatLong(long rest, boolean hasHappened) {
    stored.with(RuleSamples.processing(RuleSamples.lease(TICK + rest))).with(sent(2));
    assertRepeat(hasHappened, new Change.Renew(id(1), FENCE, TICK + 100));
  }

  @ParameterizedTest
  @CsvSource({"99, false", "100, true", "101, true"})
  void aKeptSessionBesideARepeatHasHappenedIfItIsHeldThatLong(long rest, boolean hasHappened) {
    stored.with(new SessionLease("s", "worker", FENCE, TICK + rest)).with(sent(2));
    assertRepeat(hasHappened, new Change.Hold("q", "s", FENCE, TICK + 100));
  }

  @Test
  void aSessionThatIsStillHeldWasNotFreedBesideARepeat() {
    stored.with(new SessionLease("s", "worker", FENCE, TICK + 50)).with(sent(2));
    assertRepeat(false, new Change.Hold("q", "s", FENCE, null));
  }

  private void assertRepeat(boolean hasHappened, Change change) {
    if (hasHappened) {
      hadHappened(List.of(id(2)), append(2), change);
    } else {
      stale(0, append(2), change);
    }
  }

  private void happens(Change... changes) {
    assertThat(answer(changes)).isNull();
  }

  private void hadHappened(List<JobId> ids, Change... changes) {
    assertThat(answer(changes)).isEqualTo(new Committed.Done(ids, 0, true));
  }

  private void stale(int change, Change... changes) {
    assertThat(answer(changes))
        .isInstanceOfSatisfying(
            Committed.Stale.class, stale -> assertThat(stale.change()).isEqualTo(change));
  }

  private @Nullable Committed answer(Change... changes) {
    return CommitRules.answer(Commit.synced(List.of(changes)), stored, NOW);
  }

  private void drains() {
    stored.queues.put("q", new FixedState.Queue(SETTINGS, true, 0, true));
  }

  private static Change.Append append(long number) {
    return new Change.Append(sent(number), null);
  }

  private static Change.Append append(Job job, String key) {
    return new Change.Append(job, new Change.Unique(key, WALL.plusMillis(1)));
  }

  private static Job tracked() {
    return sent(1, RuleSamples.message().tracked());
  }

  private static Change.Swap settled(Job job) {
    Transition done = job.settled(Outcome.done(), SETTINGS, NOW, new SplittableRandom(1));
    return new Change.Swap(job.id(), job.state().version(), done);
  }

  private static Setting note(long version, String text) {
    return new Setting("note", "n", version, Map.of("text", text));
  }

  private static Setting queue(QueueSettings settings) {
    return new Setting(Setting.QUEUE, "q", 1, SettingCodec.of(settings));
  }
}
