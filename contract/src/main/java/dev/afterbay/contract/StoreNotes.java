package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.JobNotes.Checkpoint;
import dev.afterbay.JobNotes.Line;
import dev.afterbay.JobNotes.LoggedLine;
import dev.afterbay.JobNotes.Note;
import dev.afterbay.JobNotes.Progress;
import dev.afterbay.JobNotes.Result;
import dev.afterbay.Outcome;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What attempts tell of a job: kept beside it by whoever has its lease, and gone with it. */
interface StoreNotes {

  StoreUser user();

  @Test
  default void whatAnAttemptTellsIsKeptAndOutlivesTheStore() {
    JobId id = user().send(message().tracked());
    assertThat(user().store().notes(id)).isEqualTo(JobNotes.NONE);
    Job job = user().claimed();
    tell(job, new Progress(0.25, "a quarter"));
    tell(job, new Progress(0.5, "half"));
    tell(job, new Checkpoint(new byte[] {1, 2}));
    tell(job, new Result("application/json", new byte[] {'1'}));
    tell(job, new Line("one"));
    tell(job, new Line("two"));
    JobNotes notes = user().store().notes(id);
    assertThat(notes.progress()).isEqualTo(new Progress(0.5, "half"));
    assertThat(notes.checkpoint()).isEqualTo(new Checkpoint(new byte[] {1, 2}));
    assertThat(notes.result()).isEqualTo(new Result("application/json", new byte[] {'1'}));
    assertThat(notes.log().lines()).extracting(LoggedLine::text).containsExactly("one", "two");
    assertThat(notes.log().lines()).extracting(LoggedLine::attempt).containsOnly(1);
    user().reopen();
    assertThat(user().store().notes(id)).isEqualTo(notes);
    assertThat(user().job(id).state().noted()).isTrue();
  }

  @Test
  default void theNextAttemptFindsWhatWasToldAndAddsToIt() {
    JobId id = user().send(message());
    Job first = user().claimed();
    tell(first, new Checkpoint(new byte[] {7}));
    tell(first, new Line("one"));
    user().settle(first, Outcome.retry("no", Duration.ZERO));
    Job second = user().claimed();
    assertThat(user().store().notes(id).checkpoint()).isEqualTo(new Checkpoint(new byte[] {7}));
    tell(second, new Line("two"));
    assertThat(user().store().notes(id).log().lines())
        .extracting(LoggedLine::attempt)
        .containsExactly(1, 2);
  }

  /** Whoever computed it before the note does not know of that. */
  @Test
  default void aTransitionThatWasComputedBeforeANoteIsDoneAndForgetsNothing() {
    JobId id = user().send(message().tracked());
    Job job = user().claimed();
    tell(job, new Line("one"));
    user().settle(job, Outcome.done());
    assertThat(user().job(id).state().noted()).isTrue();
    assertThat(user().store().notes(id).log().lines()).hasSize(1);
  }

  @Test
  default void onlyWhoHasTheLeaseCanTell() {
    JobId id = user().send(message());
    Job old = user().claimed();
    user().settle(old, Outcome.retry("no", Duration.ZERO));
    Job current = user().claimed();
    assertThat(told(old, new Line("late"))).isInstanceOf(Committed.Stale.class);
    tell(current, new Line("in time"));
    user().advance(Duration.ofMillis(StoreUser.LEASE_TICKS));
    assertThat(told(current, new Line("lapsed"))).isInstanceOf(Committed.Stale.class);
    assertThat(user().store().notes(id).log().lines())
        .extracting(LoggedLine::text)
        .containsExactly("in time");
  }

  @Test
  default void notesAreGoneWithTheirJob() {
    JobId id = user().send(message());
    Job job = user().claimed();
    for (Note note : List.of(new Progress(1, ""), new Checkpoint(new byte[1]), new Line("x"))) {
      tell(job, note);
    }
    user().settle(job, Outcome.done());
    assertThat(user().find(id)).isEmpty();
    assertThat(user().store().notes(id)).isEqualTo(JobNotes.NONE);
    user().reopen();
    assertThat(user().store().notes(id)).isEqualTo(JobNotes.NONE);
  }

  @Test
  default void theOldestLinesAreDroppedAndCounted() {
    JobId id = user().send(message().tracked());
    Job job = user().claimed();
    for (int i = 0; i < JobContext.LINES_MAX + 10; i++) {
      tell(job, new Line("line " + i));
    }
    JobNotes.Log log = user().store().notes(id).log();
    assertThat(log.dropped()).isEqualTo(10);
    assertThat(log.lines()).hasSize(JobContext.LINES_MAX);
    assertThat(log.lines().getFirst().text()).isEqualTo("line 10");
  }

  /** Also lines without text, of however many attempts. */
  @Test
  default void theLinesOfAllAttemptsTogetherAreBounded() {
    JobNotes.Log log = JobNotes.Log.EMPTY;
    for (int i = 0; i < 2_000; i++) {
      log = log.with(new LoggedLine(i, user().now().wall(), ""));
    }
    assertThat(log.lines()).hasSizeLessThan(1_000);
    assertThat(log.lines().size() + log.dropped()).isEqualTo(2_000);
  }

  @Test
  default void eachIsAnEventWithoutWhatIsInAResult() {
    JobId id = user().send(message().correlationId("order 7"));
    Job job = user().claimed();
    String start = user().store().events().end();
    tell(job, new Progress(0.5, "half"));
    tell(job, new Line("one"));
    tell(job, new Checkpoint(new byte[1]));
    tell(job, new Result("text/plain", new byte[1]));
    List<Event> events = user().store().events().after(start, 10);
    assertThat(events)
        .extracting(Event::type)
        .containsExactly(
            Event.Type.PROGRESS, Event.Type.LOGGED, Event.Type.CHECKPOINT, Event.Type.RESULT);
    assertThat(events).extracting(Event::job).containsOnly(id);
    assertThat(events).extracting(Event::correlationId).containsOnly("order 7");
    assertThat(events.getFirst().progress()).isEqualTo(0.5);
    assertThat(events).extracting(Event::text).containsExactly("half", "one", null, null);
  }

  private void tell(Job job, Note note) {
    assertThat(told(job, note)).isInstanceOf(Committed.Done.class);
  }

  private Committed told(Job job, Note note) {
    Change change = new Change.Note(job.id(), job.lease().fence(), note);
    return user().store().commit(Commit.written(change));
  }
}
