package dev.afterbay.ledger;

import dev.afterbay.Attempt;
import dev.afterbay.EventType;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.Transition;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Setting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A commit as bytes: what a replicated log carries, and what a recording of a run is made of.
 *
 * <p>The first byte is the version, {@value #VERSION}. The scope of a unique key is a byte of its
 * own of which only {@value #SCOPE_WINDOW} is used yet; the others are kept for keys that hold
 * until a job has started or finished. Fair keys have a reserved flag in the record of the message.
 */
public final class CommitFormat {

  private static final int VERSION = 1;
  private static final int SCOPE_WINDOW = 0;

  private static final int APPEND = 1;
  private static final int SWAP = 2;
  private static final int RENEW = 3;
  private static final int ENDED = 4;
  private static final int HOLD = 5;
  private static final int PUT = 6;
  private static final int FORGET = 7;
  private static final int DROP = 8;
  private static final int NOTE = 9;

  private CommitFormat() {}

  /** The bytes of a commit, in the format of this version. */
  public static byte[] encode(Commit commit) {
    RowWriter out = new RowWriter(256).int8(VERSION);
    out.int8(commit.durability() == Commit.Durability.SYNCED ? 1 : 0);
    out.varint(commit.changes().size());
    commit.changes().forEach(change -> change(out, change));
    return out.done();
  }

  /**
   * @throws IllegalArgumentException if the bytes are no commit of this version
   */
  public static Commit decode(byte[] bytes) {
    try {
      RowReader in = new RowReader(bytes);
      require(in.int8() == VERSION, "a commit of another version: run the version that wrote it");
      boolean synced = in.int8() == 1;
      int size = in.length();
      List<Change> changes = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        changes.add(change(in));
      }
      require(in.isAtEnd(), "bytes after the end of a commit");
      return new Commit(synced ? Commit.Durability.SYNCED : Commit.Durability.WRITTEN, changes);
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("a commit that ends too early", e);
    }
  }

  private static void change(RowWriter out, Change change) {
    switch (change) {
      case Change.Append append -> append(out.int8(APPEND), append);
      case Change.Swap(JobId id, long version, Transition transition) -> {
        out.int8(SWAP).uuid(id.value()).varint(version).text(word(transition.event()));
        out.blob(RowFormat.state(transition.after(), transition.ended()));
      }
      case Change.Renew(JobId id, long fence, long untilTick) ->
          out.int8(RENEW).uuid(id.value()).int64(fence).varint(untilTick);
      case Change.Note(JobId id, long fence, JobNotes.Note note) ->
          NoteRows.write(out.int8(NOTE).uuid(id.value()).int64(fence), note);
      case Change.Ended(JobId waiting, boolean good) ->
          out.int8(ENDED).uuid(waiting.value()).int8(good ? 1 : 0);
      case Change.Hold(String queue, String session, long fence, Long untilTick) -> {
        out.int8(HOLD).text(queue).text(session).int64(fence);
        out.varint(untilTick == null ? 0 : untilTick + 1);
      }
      case Change.Put(Setting setting) ->
          out.int8(PUT).text(setting.kind()).text(setting.name()).blob(RowFormat.setting(setting));
      case Change.Forget(String queue, Status.Kind kind, Instant before, int max) ->
          out.int8(FORGET).text(queue).int8(kind.code()).int64(before.toEpochMilli()).varint(max);
      case Change.Drop(String queue) -> out.int8(DROP).text(queue);
    }
  }

  private static Change change(RowReader in) {
    int kind = in.int8();
    return switch (kind) {
      case APPEND -> append(in);
      case SWAP -> swap(in);
      case RENEW -> new Change.Renew(new JobId(in.uuid()), in.int64(), in.varint());
      case NOTE -> new Change.Note(new JobId(in.uuid()), in.int64(), NoteRows.note(in));
      case ENDED -> new Change.Ended(new JobId(in.uuid()), in.int8() == 1);
      case HOLD -> {
        String queue = in.text();
        String session = in.text();
        long fence = in.int64();
        long until = in.varint();
        yield new Change.Hold(queue, session, fence, until == 0 ? null : until - 1);
      }
      case PUT -> new Change.Put(RowFormat.setting(in.text(), in.text(), in.blob()));
      case FORGET ->
          new Change.Forget(
              in.text(),
              Status.Kind.ofCode(in.int8()),
              Instant.ofEpochMilli(in.int64()),
              (int) in.varint());
      case DROP -> new Change.Drop(in.text());
      default -> throw new IllegalArgumentException("an unknown change: " + kind);
    };
  }

  private static void append(RowWriter out, Change.Append append) {
    Job job = append.job();
    out.uuid(job.id().value()).blob(RowFormat.body(job)).varint(job.history().size());
    job.history().forEach(attempt -> out.blob(RowFormat.attempt(attempt)));
    Change.Unique unique = append.unique();
    if (unique == null) {
      out.int8(0);
    } else {
      out.int8(1).int8(SCOPE_WINDOW).text(unique.key()).int64(unique.until().toEpochMilli());
    }
  }

  private static Change append(RowReader in) {
    JobId id = new JobId(in.uuid());
    Job job = RowFormat.body(id, in.blob(), true);
    int attempts = in.length();
    List<Attempt> history = new ArrayList<>(attempts);
    for (int i = 0; i < attempts; i++) {
      history.add(RowFormat.attempt(new RowReader(in.blob())));
    }
    Job whole =
        new Job(
            id,
            job.queue(),
            job.message(),
            job.line(),
            job.seq(),
            job.rank(),
            job.state(),
            history,
            job.createdAt());
    if (in.int8() == 0) {
      return new Change.Append(whole, null);
    }
    require(in.int8() == SCOPE_WINDOW, "an unknown scope of a key: run a newer version");
    return new Change.Append(whole, new Change.Unique(in.text(), Instant.ofEpochMilli(in.int64())));
  }

  private static String word(@Nullable EventType event) {
    return event == null ? "" : event.word();
  }

  private static Change swap(RowReader in) {
    JobId id = new JobId(in.uuid());
    long version = in.varint();
    String word = in.text();
    EventType event = word.isEmpty() ? null : EventType.ofWord(word);
    RowReader state = new RowReader(in.blob());
    State after = RowFormat.state(state);
    return new Change.Swap(id, version, new Transition(after, RowFormat.lastAttempt(state), event));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
