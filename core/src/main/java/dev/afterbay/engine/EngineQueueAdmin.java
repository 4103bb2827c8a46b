package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Changes and removes a queue of an engine and what is in it. */
final class EngineQueueAdmin implements QueueAdmin {

  /** Later than every job. */
  private static final Instant EVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  /** Each costs reads, and all others wait meanwhile. */
  private static final int PAGE = 200;

  private final Engine engine;
  private final String name;

  EngineQueueAdmin(Engine engine, String name) {
    this.engine = engine;
    this.name = name;
  }

  @Override
  public boolean exists() {
    return engine.catalog.find(name) != null;
  }

  @Override
  public QueueSettings settings() {
    return engine.settingsOf(name);
  }

  @Override
  public void configure(QueueSettings settings) {
    engine.catalog.configure(name, settings, engine.settings.defaults().apply(name));
  }

  @Override
  public QueueState state() {
    Catalog.Entry entry = engine.catalog.find(name);
    return entry == null ? QueueState.ACTIVE : entry.state();
  }

  @Override
  public void pause(String reason) {
    state(new QueueState(QueueState.Kind.PAUSED, reason));
  }

  @Override
  public void drain(String reason) {
    state(new QueueState(QueueState.Kind.DRAINING, reason));
  }

  @Override
  public void resume() {
    state(QueueState.ACTIVE);
  }

  @Override
  public long purge(Status.Kind kind) {
    return switch (kind) {
      case DONE, FAILED, CANCELLED -> engine.forget(name, kind, EVER);
      case PENDING -> deleteAll(Status.Kind.PENDING);
      case WAITING, PROCESSING, GONE ->
          throw new BrokerException.Rejected(
              "status", "jobs that are " + kind + " cannot be purged: cancel them");
    };
  }

  @Override
  public void delete(boolean force) {
    QueueStats stats = stats();
    boolean empty = stats.depth() + stats.done() + stats.failed() + stats.cancelled() == 0;
    if (!empty && !force) {
      throw new BrokerException.Conflict(
          "queue " + name + " still holds jobs: purge it, or delete it with force");
    }
    for (Status.Kind kind : List.of(Status.Kind.DONE, Status.Kind.FAILED, Status.Kind.CANCELLED)) {
      engine.forget(name, kind, EVER);
    }
    deleteAll(Status.Kind.PENDING);
    deleteAll(Status.Kind.WAITING);
    deleteAll(Status.Kind.PROCESSING);
    forgetSessionStates();
    engine.catalog.put(Setting.QUEUE_STATE, name, Map.of());
    engine.catalog.put(Setting.QUEUE, name, Map.of());
    engine.store.commit(Commit.synced(new Change.Drop(name)));
    forgetSessionStates(); // A consumer may have left one meanwhile.
  }

  @Override
  public Redrive.Result redrive(Redrive redrive) {
    return engine.redrives.start(name, redrive);
  }

  private void forgetSessionStates() {
    String kind = Setting.SESSION_STATE + name;
    List<Setting> some = engine.store.settings(kind, null, PAGE);
    while (!some.isEmpty()) {
      engine.store.commit(
          some.stream()
              .map(it -> new Setting(kind, it.name(), it.version() + 1, Map.of()))
              .map(gone -> Commit.synced(new Change.Put(gone)))
              .toList());
      some = engine.store.settings(kind, some.getLast().name(), PAGE);
    }
  }

  private void state(QueueState state) {
    engine.create(name);
    engine.catalog.put(Setting.QUEUE_STATE, name, SettingCodec.of(state));
  }

  private QueueStats stats() {
    return engine.store.stats(name);
  }

  private long deleteAll(Status.Kind kind) {
    if (count(stats(), kind) == 0) {
      return 0; // Else all that the store has would be looked through for them.
    }
    long deleted = kind == Status.Kind.PENDING ? deleteNext(stats().pending()) : 0;
    if (count(stats(), kind) == 0) {
      return deleted;
    }
    Jobs.JobQuery query = Jobs.JobQuery.ALL.queue(name).status(kind);
    String cursor = null;
    do {
      Jobs.JobPage page = engine.store.list(query, cursor, PAGE);
      deleted += delete(page.jobs());
      cursor = count(stats(), kind) == 0 ? null : page.next();
    } while (cursor != null);
    return deleted;
  }

  /** What comes next is found without a look at other queues, however many jobs they have. */
  private long deleteNext(long most) {
    long deleted = 0;
    List<Job> next = engine.store.peek(name, PAGE, Store.NO_BODIES);
    while (!next.isEmpty()) {
      deleted += delete(next);
      next = deleted < most ? engine.store.peek(name, PAGE, Store.NO_BODIES) : List.of();
    }
    return deleted;
  }

  private long delete(List<Job> jobs) {
    List<Commit> commits = new ArrayList<>();
    for (Job job : jobs) {
      commits.add(
          Commit.synced(
              new Change.Swap(job.id(), job.state().version(), job.deleted(engine.clock().now()))));
    }
    long deleted = 0;
    for (Committed committed : engine.store.commit(commits)) {
      // Not what somebody else took away since it was listed.
      deleted += committed instanceof Committed.Done done && !done.before() ? 1 : 0;
    }
    return deleted;
  }

  private static long count(QueueStats stats, Status.Kind kind) {
    return switch (kind) {
      case PENDING -> stats.pending() + stats.scheduled();
      case WAITING -> stats.waiting();
      case PROCESSING -> stats.processing();
      case DONE -> stats.done();
      case FAILED -> stats.failed();
      case CANCELLED -> stats.cancelled();
      case GONE -> 0;
    };
  }
}
