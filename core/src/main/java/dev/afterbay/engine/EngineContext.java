package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.JobContext;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Commit.Durability;
import dev.afterbay.store.Committed;
import java.util.List;
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
  public void progress(double share, String text) {
    write(new JobNotes.Progress(share, text), Durability.WRITTEN);
  }

  @Override
  public void checkpoint(byte[] value) {
    write(new JobNotes.Checkpoint(value), Durability.SYNCED);
  }

  @Override
  public Optional<byte[]> checkpoint() {
    JobNotes.Checkpoint kept = engine.store.notes(id).checkpoint();
    return kept == null ? Optional.empty() : Optional.of(kept.value());
  }

  @Override
  public void result(String contentType, byte[] value) {
    write(new JobNotes.Result(contentType, value), Durability.WRITTEN);
  }

  @Override
  public void log(String line) {
    write(new JobNotes.Line(line), Durability.WRITTEN);
  }

  private void write(JobNotes.Note note, Durability durability) {
    Commit commit = new Commit(durability, List.of(new Change.Note(id, fence, note)));
    if (!(engine.store.commit(commit) instanceof Committed.Done)) {
      throw new BrokerException.LeaseLost(id.toString());
    }
  }

  /** Of an at-most-once queue, whose jobs are gone when they are handed out. */
  enum Forgotten implements JobContext {
    INSTANCE;

    @Override
    public void progress(double share, String text) {
      // Nobody could look it up.
    }

    @Override
    public void checkpoint(byte[] value) {
      // There is no next attempt.
    }

    @Override
    public Optional<byte[]> checkpoint() {
      return Optional.empty();
    }

    @Override
    public void result(String contentType, byte[] value) {
      // Nobody could look it up.
    }

    @Override
    public void log(String line) {
      // Nobody could look it up.
    }
  }
}
