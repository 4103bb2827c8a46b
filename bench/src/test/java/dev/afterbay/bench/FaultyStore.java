package dev.afterbay.bench;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import dev.afterbay.store.StoreHealth;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A store that is as good as another one, but for what is done to each commit and to what it shows.
 */
final class FaultyStore implements Store {

  private final Store good;
  private final Writing writing;
  private final UnaryOperator<Job> shown;

  /** How a commit is written. */
  @FunctionalInterface
  interface Writing {
    Committed write(Store good, Commit commit);
  }

  /**
   * @param shown what becomes of a job that is claimed or found
   */
  FaultyStore(Store good, Writing writing, UnaryOperator<Job> shown) {
    this.good = good;
    this.writing = writing;
    this.shown = shown;
  }

  @Override
  public List<Committed> commit(List<Commit> commits) {
    return commits.stream().map(commit -> writing.write(good, commit)).toList();
  }

  @Override
  public List<Job> claim(Claim claim) {
    return good.claim(claim).stream().map(shown).toList();
  }

  @Override
  public List<Job> find(List<JobId> ids, long bytesMax) {
    return good.find(ids, bytesMax).stream().map(shown).toList();
  }

  @Override
  public JobNotes notes(JobId id) {
    return good.notes(id);
  }

  @Override
  public Clock clock() {
    return good.clock();
  }

  @Override
  public @Nullable SessionLease hold(
      String queue, @Nullable String session, String consumer, long leaseTicks) {
    return good.hold(queue, session, consumer, leaseTicks);
  }

  @Override
  public @Nullable SessionLease held(String queue, String session) {
    return good.held(queue, session);
  }

  @Override
  public Jobs.JobPage list(Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    return good.list(query, cursor, max, bytesMax);
  }

  @Override
  public Jobs.JobPage ended(
      String queue, Status.Kind kind, boolean newestFirst, @Nullable String cursor, int max) {
    return good.ended(queue, kind, newestFirst, cursor, max);
  }

  @Override
  public List<Job> peek(String queue, int max, long bytesMax) {
    return good.peek(queue, max, bytesMax);
  }

  @Override
  public List<Job> overdue(Overdue overdue, int max) {
    return good.overdue(overdue, max);
  }

  @Override
  public List<String> queues(@Nullable String after, int max) {
    return good.queues(after, max);
  }

  @Override
  public QueueStats stats(String queue) {
    return good.stats(queue);
  }

  @Override
  public Optional<Setting> setting(String kind, String name) {
    return good.setting(kind, name);
  }

  @Override
  public List<Setting> settings(String kind, @Nullable String after, int max) {
    return good.settings(kind, after, max);
  }

  @Override
  public AutoCloseable wake(Consumer<Wake> listener) {
    return good.wake(listener);
  }

  @Override
  public StoreHealth health() {
    return good.health();
  }

  @Override
  public boolean shared() {
    return good.shared();
  }

  @Override
  public EventFeed events() {
    return good.events();
  }

  @Override
  public void close() {
    good.close();
  }
}
