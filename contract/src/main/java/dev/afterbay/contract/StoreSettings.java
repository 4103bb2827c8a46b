package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Settings, queues that exist, and forgetting what has ended (store.md, rule 10). */
interface StoreSettings {

  StoreUser user();

  @Test
  default void aSettingIsComparedAndSwapped() {
    Setting first = new Setting("note", "n", 1, Map.of("a", "1"));
    Setting second = new Setting("note", "n", 2, Map.of("a", "2", "b", ""));
    user().done(put(first));
    assertThat(user().store().setting("note", "n")).contains(first);
    user().done(put(second));
    assertThat(user().store().setting("note", "n")).contains(second);

    Setting late = new Setting("note", "n", 2, Map.of("a", "3"));
    Committed.Stale stale = user().stale(put(late));
    assertThat(stale.setting()).isEqualTo(second);
    user().stale(put(new Setting("note", "n", 4, Map.of("a", "3"))));
    assertThat(user().stale(put(new Setting("note", "new", 2, Map.of("a", "3")))).setting())
        .isNull();
    user().reopen();
    assertThat(user().store().setting("note", "n")).contains(second);
  }

  @Test
  default void aSettingOfAQueueThatCouldNotBeReadAgainIsRejected() {
    for (Map<String, String> values :
        List.of(Map.of("lease", "PT30S"), Map.of("state", "asleep", "reason", ""))) {
      for (String kind : List.of(Setting.QUEUE, Setting.QUEUE_STATE)) {
        assertThatThrownBy(() -> put(new Setting(kind, QUEUE, 1, values)))
            .isInstanceOf(BrokerException.Rejected.class)
            .hasMessageContaining(QUEUE);
        assertThat(user().store().setting(kind, QUEUE)).isEmpty();
      }
    }
  }

  /** Whoever sends looks at the queue first; what counts is how it is set when it is written. */
  @Test
  default void aSendIsStaleWhenItsQueueDrainsOrChangesItsOrderMeanwhile() {
    Job early = user().created(QUEUE, message());
    Map<String, String> fifo =
        SettingCodec.of(QueueSettings.STANDARD.order(QueueSettings.Order.FIFO));
    user().put(Setting.QUEUE, QUEUE, fifo);
    user().stale(Commit.synced(user().append(early)));
    user().send(message());
    Setting back = new Setting(Setting.QUEUE, QUEUE, 2, SettingCodec.of(QueueSettings.STANDARD));
    user().stale(put(back));
    user().settle(user().claimed(), Outcome.fail("and may be redriven"));
    user().stale(put(back));

    user().state(QueueState.Kind.DRAINING);
    user().stale(Commit.synced(user().append(user().created(QUEUE, message()))));
    assertThat(user().store().stats(QUEUE).depth()).isZero();
  }

  @Test
  default void aDeletedSettingCanBeMadeAnew() {
    user().put("note", "n", Map.of("a", "1"));
    user().put("note", "n", Map.of());
    assertThat(user().store().setting("note", "n")).isEmpty();
    assertThat(user().store().settings("note", null, 10)).isEmpty();
    user().put("note", "n", Map.of("a", "2"));
    assertThat(user().store().setting("note", "n"))
        .get()
        .extracting(Setting::version)
        .isEqualTo(1L);
  }

  @Test
  default void settingsAreListedByNameWithinTheirKind() {
    for (String name : List.of("b", "a.x", "a", "c")) {
      user().put("note", name, Map.of("a", "1"));
      user().put("notes", name + "2", Map.of("a", "1"));
    }
    assertThat(names("note", null, 10)).containsExactly("a", "a.x", "b", "c");
    assertThat(names("note", null, 2)).containsExactly("a", "a.x");
    assertThat(names("note", "a.x", 2)).containsExactly("b", "c");
    assertThat(names("note", "c", 2)).isEmpty();
    assertThat(names("other", null, 2)).isEmpty();
  }

  @Test
  default void queuesAreListedPageByPage() {
    for (int i = 0; i < 5; i++) {
      user().send("q" + i, message());
    }
    user().store().hold("q1b", "s", "worker", StoreUser.LEASE_TICKS); // which is no queue yet
    assertThat(user().store().queues(null, 2)).containsExactly("q0", "q1");
    assertThat(user().store().queues("q1", 2)).containsExactly("q2", "q3");
    assertThat(user().store().queues("q1a", 9)).containsExactly("q2", "q3", "q4");
    assertThat(user().store().queues("q4", 2)).isEmpty();
  }

  private List<String> queues() {
    return user().store().queues(null, 1_000);
  }

  @Test
  default void aQueueExistsWithAJobOrASetting() {
    assertThat(queues()).isEmpty();
    user().send("b", message());
    user().put(Setting.QUEUE, "a", SettingCodec.of(QueueSettings.STANDARD));
    user().put("note", "c", Map.of("a", "1"));
    assertThat(queues()).containsExactly("a", "b");
    user().reopen();
    assertThat(queues()).containsExactly("a", "b");
    assertThat(user().store().stats("a")).isEqualTo(QueueStats.EMPTY);
  }

  @Test
  default void aQueueIsDropped() {
    user().configure(QueueSettings.STANDARD);
    user().send(message());
    user().settle(user().claimed(), Outcome.done());
    Setting gone = new Setting(Setting.QUEUE, QUEUE, 2, Map.of());
    user().done(Commit.synced(List.of(new Change.Put(gone), new Change.Drop(QUEUE))));
    assertThat(queues()).isEmpty();
    user().reopen();
    assertThat(queues()).isEmpty();
    assertThat(user().store().stats(QUEUE)).isEqualTo(QueueStats.EMPTY);
  }

  @Test
  default void whatEndedIsForgottenOldestFirst() {
    List<JobId> ids = user().send(5, message().tracked());
    for (JobId id : ids) {
      assertThat(user().claimed().id()).isEqualTo(id);
      user().settle(user().job(id), Outcome.done());
      user().advance(Duration.ofSeconds(1));
    }
    JobId failed = user().send(message());
    user().settle(user().claimed(), Outcome.fail("no"));
    Instant before = TestClock.START.plusSeconds(4);

    assertThat(forget(Status.Kind.DONE, before, 3)).isEqualTo(3);
    assertThat(left(ids)).isEqualTo(ids.subList(3, 5));
    assertThat(forget(Status.Kind.DONE, before, 3)).isEqualTo(1);
    assertThat(forget(Status.Kind.DONE, before, 3)).isZero();
    assertThat(left(ids)).isEqualTo(ids.subList(4, 5));
    assertThat(user().find(failed)).isPresent();
    assertThat(user().store().stats(QUEUE).done()).isEqualTo(1);
    user().reopen();
    assertThat(left(ids)).isEqualTo(ids.subList(4, 5));
    assertThat(user().store().stats(QUEUE).failed()).isEqualTo(1);
  }

  @Test
  default void aRedrivenJobIsNotForgotten() {
    JobId id = user().send(message());
    Job failed = user().settle(user().claimed(), Outcome.fail("no"));
    user().go(user().job(id), failed.redriven(user().now()));
    user().advance(Duration.ofSeconds(1));
    assertThat(forget(Status.Kind.FAILED, user().now().wall(), 10)).isZero();
    assertThat(user().claimed().id()).isEqualTo(id);
  }

  @Test
  default void aDeletedJobIsGone() {
    JobId id = user().send(message());
    Job failed = user().settle(user().claimed(), Outcome.fail("no"));
    user().go(failed, failed.deleted(user().now()));
    assertThat(user().find(id)).isEmpty();
    assertThat(user().store().stats(QUEUE).failed()).isZero();
    user().reopen();
    assertThat(user().find(id)).isEmpty();
  }

  private long forget(Status.Kind kind, Instant before, int max) {
    return user().done(Commit.synced(new Change.Forget(QUEUE, kind, before, max))).affected();
  }

  private List<JobId> left(List<JobId> ids) {
    return user().store().find(ids, false).stream().map(Job::id).toList();
  }

  private List<String> names(String kind, @Nullable String after, int max) {
    return user().store().settings(kind, after, max).stream().map(Setting::name).toList();
  }

  private static Commit put(Setting setting) {
    return Commit.synced(new Change.Put(setting));
  }
}
