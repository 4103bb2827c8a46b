package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static dev.afterbay.contract.StoreUser.swap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A queue is never deeper than its settings allow, whoever sends at the same time. */
interface StoreDepth {

  StoreUser user();

  @Test
  default void sendersAtTheSameTimeFillAQueueExactly() throws Exception {
    int max = 60;
    depthMax(QUEUE, max);
    List<Callable<Committed>> sends = new ArrayList<>();
    for (int i = 0; i < 4 * max; i++) {
      Commit commit = Commit.synced(append(message()));
      sends.add(() -> user().store().commit(commit));
    }
    List<Committed> committed = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Committed> each : threads.invokeAll(sends)) {
        committed.add(each.get());
      }
    }

    assertThat(committed).filteredOn(Committed.Done.class::isInstance).hasSize(max);
    assertThat(committed)
        .filteredOn(each -> !(each instanceof Committed.Done))
        .containsOnly(new Committed.Full(0, QUEUE, max));
    assertThat(user().store().stats(QUEUE).depth()).isEqualTo(max);
  }

  @Test
  default void laterCommitsOfAGatheringSeeWhatEarlierOnesFilled() {
    depthMax(QUEUE, 3);
    Job claimed = claimed();
    Transition done = claimed.settled(Outcome.done(), settings(), user().now(), user().random);
    Commit one = Commit.synced(append(message()));
    Commit two = Commit.synced(List.of(append(message()), append(message())));
    Commit settle = Commit.written(swap(claimed, done));
    Commit again = Commit.synced(List.of(append(message()), append(message())));
    Commit over = Commit.synced(append(message()));

    List<Committed> committed =
        user().store().commit(List.of(one, two, settle, again, over, Commit.synced(note())));
    assertThat(committed)
        .extracting(Committed.Done.class::isInstance)
        .containsExactly(true, false, true, true, false, true);
    assertThat(committed.get(1)).isEqualTo(new Committed.Full(1, QUEUE, 3));
    assertThat(committed.get(4)).isEqualTo(new Committed.Full(0, QUEUE, 3));
    assertThat(user().store().stats(QUEUE).depth()).isEqualTo(3);
  }

  @Test
  default void whatThereIsNoRoomForIsNotDoneByHalf() {
    depthMax("b", 1);
    Job first = user().created(QUEUE, message().key("k"));
    Job second = user().created("b", message());
    Job third = user().created("b", message());
    Commit commit =
        Commit.synced(
            List.of(note(), user().append(first), user().append(second), user().append(third)));

    assertThat(user().full(commit)).isEqualTo(new Committed.Full(3, "b", 1));
    assertThat(user().store().find(List.of(first.id(), second.id(), third.id()), false)).isEmpty();
    assertThat(user().store().setting("note", "n")).isEmpty();
    assertThat(user().store().stats(QUEUE).depth()).isZero();
    user().done(Commit.synced(List.of(user().append(first), user().append(second))));
    user().reopen();
    user().full(Commit.synced(user().append(third)));
    assertThat(user().job(first.id()).message().options().key()).isEqualTo("k");
  }

  @Test
  default void whatIsKnownNeedsNoRoom() {
    depthMax(QUEUE, 2);
    JobId first = user().send(message().key("k"));
    List<Change.Append> same = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      same.add(append(message().key("new")));
    }
    Commit batch = Commit.synced(same);
    JobId second = user().done(batch).ids().getFirst();
    assertThat(user().store().stats(QUEUE).depth()).isEqualTo(2);

    assertThat(user().done(batch).ids()).containsExactly(second, second, second);
    Commit known = Commit.synced(List.of(append(message().key("k")), append(message().key("new"))));
    assertThat(user().done(known).ids()).containsExactly(first, second);
    Commit mixed = Commit.synced(List.of(append(message().key("k")), append(message().key("x"))));
    assertThat(user().full(mixed).change()).isEqualTo(1);
    assertThat(user().store().stats(QUEUE).depth()).isEqualTo(2);
  }

  /** The window of a key counts from the message on, and may be over before it is stored. */
  @Test
  default void aKeyThatDoesNotLastSavesNoRoom() {
    depthMax(QUEUE, 1);
    Change.Unique over = new Change.Unique("k", user().now().wall());
    Commit commit =
        Commit.synced(
            List.of(
                new Change.Append(user().created(QUEUE, message()), over),
                new Change.Append(user().created(QUEUE, message()), over)));
    assertThat(user().full(commit).change()).isEqualTo(1);
  }

  @Test
  default void whatWasAcceptedOnceNeedsNoRoom() {
    depthMax(QUEUE, 1);
    Job claimed = claimed();
    user().settle(claimed, Outcome.release());
    Job retried = user().settle(user().claimed(), Outcome.retry("no", Duration.ZERO));
    Job failed = user().settle(user().claimed(), Outcome.fail("no"));
    assertThat(failed.id()).isEqualTo(retried.id());
    user().send(message());
    user().full(Commit.synced(append(message())));

    user().go(failed, failed.redriven(user().now()));
    assertThat(user().store().stats(QUEUE).depth()).isEqualTo(2);
    Job fresh = user().created(QUEUE, message());
    Job routed = fresh.with(failed.redriven(user().now()).after(), null);
    user().done(Commit.synced(new Change.Append(routed, null)));
    assertThat(user().store().stats(QUEUE).depth()).isEqualTo(3);
    user().full(Commit.synced(append(message())));
  }

  @Test
  default void everyJobThatHasNotEndedTakesRoom() {
    depthMax(QUEUE, 4);
    claimed();
    user().send(message());
    user().send(message().delay(Duration.ofHours(1)));
    user().done(Commit.synced(new Change.Append(user().waiting(message(), 1), null)));
    user().full(Commit.synced(append(message())));
    user().full(Commit.synced(new Change.Append(user().waiting(message(), 1), null)));
    user().settle(user().claimed(), Outcome.fail("no"));
    user().send(message());
    user().full(Commit.synced(append(message())));
  }

  @Test
  default void aLimitIsInForceFromTheNextSendOn() {
    user().send(3, message());
    depthMax(QUEUE, 2);
    user().full(Commit.synced(append(message())));
    depthMax(QUEUE, 4);
    user().send(message());
    user().reopen();
    user().full(Commit.synced(append(message())));
    user().configure(QueueSettings.STANDARD);
    user().send(5, message());
    depthMax(QUEUE, 1);
    user().put(Setting.QUEUE, QUEUE, Map.of());
    user().send(message());
  }

  private void depthMax(String queue, long max) {
    QueueSettings settings = QueueSettings.STANDARD.depthMax(max);
    user().put(Setting.QUEUE, queue, SettingCodec.of(settings));
  }

  private QueueSettings settings() {
    return user().settings(QUEUE);
  }

  private Job claimed() {
    user().send(message());
    return user().claimed();
  }

  private Change.Append append(Message message) {
    return user().append(user().created(QUEUE, message));
  }

  private static Change note() {
    return new Change.Put(new Setting("note", "n", 1, Map.of("a", "b")));
  }
}
