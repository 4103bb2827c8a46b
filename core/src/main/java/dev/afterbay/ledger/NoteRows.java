package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.JobNotes.LoggedLine;
import dev.afterbay.Moment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What attempts told of a job, a row for each kind of note: each is replaced alone. A job whose
 * state does not say {@link dev.afterbay.State#noted} has none, so most jobs cost nothing here.
 */
final class NoteRows {

  private static final int PROGRESS = 1;
  private static final int CHECKPOINT = 2;
  private static final int RESULT = 3;
  private static final int LOG = 4;

  private NoteRows() {}

  static void add(Tables tables, Job job, JobNotes.Note note, Moment now) {
    switch (note) {
      case JobNotes.Progress progress -> put(tables, job, PROGRESS, encode(progress));
      case JobNotes.Checkpoint checkpoint -> put(tables, job, CHECKPOINT, encode(checkpoint));
      case JobNotes.Result result -> put(tables, job, RESULT, encode(result));
      case JobNotes.Line(String text) -> {
        byte[] before = tables.get(Tables.Table.NOTE, Keys.note(job.id(), LOG));
        LoggedLine line = new LoggedLine(job.state().attempts(), now.wall(), text);
        put(tables, job, LOG, encode(log(before).with(line)));
      }
    }
  }

  private static void put(Tables tables, Job job, int kind, byte[] value) {
    tables.put(Tables.Table.NOTE, Keys.note(job.id(), kind), value);
  }

  static void remove(Tables tables, JobId id) {
    for (int kind = PROGRESS; kind <= LOG; kind++) {
      tables.delete(Tables.Table.NOTE, Keys.note(id, kind));
    }
  }

  static JobNotes read(TableView view, JobId id) {
    byte[] progress = view.get(Tables.Table.NOTE, Keys.note(id, PROGRESS));
    byte[] checkpoint = view.get(Tables.Table.NOTE, Keys.note(id, CHECKPOINT));
    byte[] result = view.get(Tables.Table.NOTE, Keys.note(id, RESULT));
    return new JobNotes(
        progress == null ? null : progress(new RowReader(progress)),
        checkpoint == null ? null : checkpoint(new RowReader(checkpoint)),
        result == null ? null : result(new RowReader(result)),
        log(view.get(Tables.Table.NOTE, Keys.note(id, LOG))));
  }

  private static byte[] encode(JobNotes.Progress progress) {
    long share = Double.doubleToLongBits(progress.share());
    return new RowWriter(32).int64(share).text(progress.text()).done();
  }

  private static JobNotes.Progress progress(RowReader in) {
    return new JobNotes.Progress(Double.longBitsToDouble(in.int64()), in.text());
  }

  private static byte[] encode(JobNotes.Checkpoint checkpoint) {
    return new RowWriter(checkpoint.value().length + 4).blob(checkpoint.value()).done();
  }

  private static JobNotes.Checkpoint checkpoint(RowReader in) {
    return new JobNotes.Checkpoint(in.blob());
  }

  private static byte[] encode(JobNotes.Result result) {
    return new RowWriter(result.value().length + 64)
        .text(result.contentType())
        .varint(result.cutBytes())
        .blob(result.value())
        .done();
  }

  private static JobNotes.Result result(RowReader in) {
    String contentType = in.text();
    long cutBytes = in.varint();
    return new JobNotes.Result(contentType, in.blob(), cutBytes);
  }

  private static byte[] encode(JobNotes.Log log) {
    RowWriter out = new RowWriter(256).varint(log.dropped()).varint(log.lines().size());
    for (LoggedLine line : log.lines()) {
      out.varint(line.attempt()).varint(RowFormat.millis(line.at())).text(line.text());
    }
    return out.done();
  }

  private static JobNotes.Log log(byte @Nullable [] bytes) {
    if (bytes == null) {
      return JobNotes.Log.EMPTY;
    }
    RowReader in = new RowReader(bytes);
    int dropped = (int) in.varint();
    int size = in.length();
    List<LoggedLine> lines = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      int attempt = (int) in.varint();
      lines.add(new LoggedLine(attempt, Instant.ofEpochMilli(in.varint()), in.text()));
    }
    return new JobNotes.Log(lines, dropped);
  }
}
