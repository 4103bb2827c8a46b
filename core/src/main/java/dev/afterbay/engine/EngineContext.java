package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.JobContext;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.util.Optional;

/** What the attempt with a fence tells of its job. */
final class EngineContext implements JobContext {

  private final Engine engine;
  private final JobId id;
  private final long fence;

  EngineContext(Engine engine, JobId id, long fence) {
    this.engine = engine;
    this.id = id;
    this.fence = fence;
  }

  @Override
  public void note(JobNotes.Note note) {
    Change change = new Change.Note(id, fence, note);
    boolean synced = note instanceof JobNotes.Checkpoint;
    Commit commit = synced ? Commit.synced(change) : Commit.written(change);
    if (!(engine.store.commit(commit) instanceof Committed.Done)) {
      throw new BrokerException.LeaseLost(id.toString());
    }
  }

  @Override
  public Optional<byte[]> checkpoint() {
    JobNotes.Checkpoint kept = engine.store.notes(id).checkpoint();
    return kept == null ? Optional.empty() : Optional.of(kept.value());
  }

  /** Of an at-most-once queue, whose jobs are gone when they are handed out. */
  enum Forgotten implements JobContext {
    INSTANCE;

    @Override
    public void note(JobNotes.Note note) {
      // Nobody could look it up, and there is no next attempt.
    }

    @Override
    public Optional<byte[]> checkpoint() {
      return Optional.empty();
    }
  }
}
