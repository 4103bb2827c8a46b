package dev.afterbay;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What attempts told of a job by their {@link JobContext}: kept beside the job, and gone with it.
 *
 * @param progress how far the work has come, as last told; null: nothing was told
 * @param checkpoint what the next attempt can go on from; null: none
 * @param result what the work came to; null: none
 */
public record JobNotes(
    @Nullable Progress progress,
    @Nullable Checkpoint checkpoint,
    @Nullable Result result,
    Log log) {

  /** Nothing was told. */
  public static final JobNotes NONE = new JobNotes(null, null, null, Log.EMPTY);

  /** One thing that an attempt tells. It takes the place of the one before; a line is added. */
  public sealed interface Note {}

  /** See {@link JobContext#progress}. */
  public record Progress(double share, String text) implements Note {
    public Progress {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("progress must be 0 to 1: " + share);
      }
      text = PlainText.line(text, JobContext.LINE_CHARS_MAX);
    }
  }

  /** See {@link JobContext#checkpoint(byte[])}. */
  @SuppressWarnings("ArrayRecordComponent") // Shared, as the body of a message is.
  public record Checkpoint(byte[] value) implements Note {
    public Checkpoint {
      Check.that(
          value.length <= JobContext.VALUE_BYTES_MAX,
          "checkpoint",
          "must have at most 64 KiB: " + value.length + " B");
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Checkpoint that && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
      return "Checkpoint[" + value.length + " bytes]";
    }
  }

  /**
   * See {@link JobContext#result(String, byte[])}.
   *
   * @param cutBytes how many bytes were cut off at its end
   */
  @SuppressWarnings("ArrayRecordComponent") // Shared, as the body of a message is.
  public record Result(String contentType, byte[] value, long cutBytes) implements Note {
    public Result {
      Check.that(
          !contentType.isEmpty()
              && contentType.length() <= Message.CONTENT_TYPE_CHARS_MAX
              && Check.isPrintableAscii(contentType),
          "content_type",
          "must be 1 to 256 printable ASCII characters");
      if (value.length > JobContext.VALUE_BYTES_MAX) {
        cutBytes += value.length - JobContext.VALUE_BYTES_MAX;
        value = Arrays.copyOf(value, JobContext.VALUE_BYTES_MAX);
      }
    }

    /** Cut if it is too long. */
    public Result(String contentType, byte[] value) {
      this(contentType, value, 0);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Result that
          && contentType.equals(that.contentType)
          && Arrays.equals(value, that.value)
          && cutBytes == that.cutBytes;
    }

    @Override
    public int hashCode() {
      return Objects.hash(contentType, Arrays.hashCode(value), cutBytes);
    }

    @Override
    public String toString() {
      return "Result[" + contentType + ", " + value.length + " bytes, " + cutBytes + " cut off]";
    }
  }

  /** See {@link JobContext#log}. */
  public record Line(String text) implements Note {
    public Line {
      text = PlainText.lines(text, JobContext.LINE_CHARS_MAX);
    }
  }

  /** A line that is kept. */
  public record LoggedLine(int attempt, Instant at, String text) {}

  /**
   * The latest lines, the latest last.
   *
   * @param dropped how many older ones were dropped
   */
  public record Log(List<LoggedLine> lines, int dropped) {

    /** No line. */
    public static final Log EMPTY = new Log(List.of(), 0);

    /** Of all attempts together, in UTF-16 units; each line counts for some more. */
    public static final int CHARS_MAX = 32_000;

    /** What a line has beside its text, as it is kept and shown. */
    private static final int LINE_CHARS = 64;

    public Log {
      lines = List.copyOf(lines);
    }

    /** With one more line; the oldest are dropped where that is too many. */
    public Log with(LoggedLine line) {
      Deque<LoggedLine> next = new ArrayDeque<>(lines);
      next.add(line);
      long chars = 0;
      long ofAttempt = 0;
      for (LoggedLine each : next) {
        chars += LINE_CHARS + each.text.length();
        ofAttempt += each.attempt == line.attempt ? 1 : 0;
      }
      int nowDropped = dropped;
      while (chars > CHARS_MAX || ofAttempt > JobContext.LINES_MAX) {
        LoggedLine oldest = next.removeFirst();
        chars -= LINE_CHARS + oldest.text.length();
        ofAttempt -= oldest.attempt == line.attempt ? 1 : 0;
        nowDropped++;
      }
      return new Log(List.copyOf(next), nowDropped);
    }
  }

  /**
   * With what an attempt tells.
   *
   * @param attempt which one, counted from 1
   */
  public JobNotes with(Note note, int attempt, Instant now) {
    return switch (note) {
      case Progress next -> new JobNotes(next, checkpoint, result, log);
      case Checkpoint next -> new JobNotes(progress, next, result, log);
      case Result next -> new JobNotes(progress, checkpoint, next, log);
      case Line(String text) ->
          new JobNotes(progress, checkpoint, result, log.with(new LoggedLine(attempt, now, text)));
    };
  }
}
