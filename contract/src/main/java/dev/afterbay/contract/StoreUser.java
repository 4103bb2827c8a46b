package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Uses a store as the engine does: computes with {@link Job}, commits, expects it to be done. */
final class StoreUser {

  static final String QUEUE = "mail";
  static final long LEASE_TICKS = 30_000;

  final TestClock time = new TestClock();
  final RandomGenerator random;
  private final Function<Clock, Store> opener;
  private Store store;
  private long ids;

  StoreUser(Function<Clock, Store> opener, long seed) {
    this.opener = opener;
    this.random = new SplittableRandom(seed);
    this.store = opener.apply(time);
  }

  Store store() {
    return store;
  }

  void reopen() {
    store.close();
    store = opener.apply(time);
  }

  Moment now() {
    return store.clock().now();
  }

  /** Ids of one user sort by the order in which it made them. */
  JobId id() {
    long high = time.now().wall().toEpochMilli() << 16 | 0x7000;
    return new JobId(new UUID(high, 1L << 63 | ids++));
  }

  static Message message() {
    return Message.of("note", "hello");
  }

  Job created(String queue, Message message) {
    return Job.created(id(), queue, message, settings(queue), now());
  }

  JobId send(Message message) {
    return send(QUEUE, message);
  }

  JobId send(String queue, Message message) {
    return done(Commit.synced(append(created(queue, message)))).ids().getFirst();
  }

  List<JobId> send(int count, Message message) {
    return send(QUEUE, count, message);
  }

  List<JobId> send(String queue, int count, Message message) {
    List<JobId> sent = new ArrayList<>();
    for (int left = count; left > 0; left -= Commit.CHANGES_MAX) {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < Math.min(left, Commit.CHANGES_MAX); i++) {
        changes.add(append(created(queue, message)));
      }
      sent.addAll(done(Commit.synced(changes)).ids());
    }
    return sent;
  }

  Change.Append append(Job job) {
    Message.Options options = job.message().options();
    String key = options.key();
    if (key == null) {
      return new Change.Append(job, null);
    }
    Duration window =
        options.keyWindow() != null ? options.keyWindow() : settings(job.queue()).dedupWindow();
    return new Change.Append(job, new Change.Unique(key, now().wall().plus(window)));
  }

  Job waiting(Message message, int left) {
    Job job = created(QUEUE, message);
    return job.with(job.state().in(new Status.Waiting(left, 0)), null);
  }

  /** With another that waits for it. */
  Job then(Job job, JobId waiting) {
    return job.with(job.state().then(List.of(waiting)), null);
  }

  Committed.Done done(Commit commit) {
    Committed committed = store.commit(commit);
    assertThat(committed).isInstanceOf(Committed.Done.class);
    return (Committed.Done) committed;
  }

  Committed.Stale stale(Commit commit) {
    Committed committed = store.commit(commit);
    assertThat(committed).isInstanceOf(Committed.Stale.class);
    return (Committed.Stale) committed;
  }

  Committed.Full full(Commit commit) {
    Committed committed = store.commit(commit);
    assertThat(committed).isInstanceOf(Committed.Full.class);
    return (Committed.Full) committed;
  }

  List<Job> claim(int max) {
    return claim(QUEUE, max, null);
  }

  List<Job> claim(String queue, int max, @Nullable SessionLease held) {
    return claim(queue, max, held, ReceiveOptions.Types.ALL);
  }

  List<Job> claim(String queue, int max, @Nullable SessionLease held, ReceiveOptions.Types types) {
    return store.claim(new Claim(queue, "worker", LEASE_TICKS, false, max, types, held));
  }

  List<Job> claimDetached(int max) {
    return store.claim(
        new Claim(QUEUE, "far", LEASE_TICKS, true, max, ReceiveOptions.Types.ALL, null));
  }

  /** The one job that comes next, which a store may need a moment to make ready. */
  Job claimed() {
    return Await.value("a job to claim", () -> claim(1).stream().findFirst());
  }

  void claimsNothing() {
    assertThat(claim(10)).isEmpty();
  }

  Job claimed(SessionLease held) {
    return Await.value("a job of the session", () -> claim(QUEUE, 1, held).stream().findFirst());
  }

  SessionLease hold(@Nullable String session) {
    SessionLease held = store.hold(QUEUE, session, "worker", LEASE_TICKS);
    assertThat(held).as("hold of " + session).isNotNull();
    return Objects.requireNonNull(held);
  }

  void free(SessionLease held) {
    done(Commit.synced(new Change.Hold(QUEUE, held.session(), held.fence(), null)));
  }

  Job settle(Job claimed, Outcome outcome) {
    return go(claimed, claimed.settled(outcome, settings(claimed.queue()), now(), random));
  }

  /** Writes a transition of a job as it is known; the job as it then is. */
  Job go(Job job, Transition transition) {
    done(Commit.written(swap(job, transition)));
    return job.with(transition.after(), transition.ended());
  }

  static Change.Swap swap(Job job, Transition transition) {
    return new Change.Swap(job.id(), job.state().version(), transition);
  }

  Optional<Job> find(JobId id) {
    return store.find(List.of(id), true).stream().findFirst();
  }

  Job job(JobId id) {
    return find(id).orElseThrow();
  }

  QueueSettings settings(String queue) {
    return store
        .setting(Setting.QUEUE, queue)
        .map(setting -> SettingCodec.settings(setting.values()))
        .orElse(QueueSettings.STANDARD);
  }

  void configure(QueueSettings settings) {
    put(Setting.QUEUE, QUEUE, SettingCodec.of(settings));
  }

  void state(QueueState.Kind kind) {
    put(Setting.QUEUE_STATE, QUEUE, SettingCodec.of(new QueueState(kind, "")));
  }

  void put(String kind, String name, Map<String, String> values) {
    long version = store.setting(kind, name).map(Setting::version).orElse(0L);
    Setting setting = new Setting(kind, name, version + 1, values);
    done(Commit.synced(new Change.Put(setting)));
  }

  List<Job> list(Jobs.JobQuery query, int max) {
    List<Job> all = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobPage page = store.list(query, cursor, max);
      assertThat(page.jobs()).hasSizeLessThanOrEqualTo(max);
      all.addAll(page.jobs());
      cursor = page.next();
    } while (cursor != null);
    return all;
  }

  void awaitPending(long count) {
    Await.until("pending " + count, () -> store.stats(QUEUE).pending() == count);
  }

  void advance(Duration duration) {
    time.advance(duration);
  }
}
