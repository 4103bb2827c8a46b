package dev.afterbay.handlers;

import dev.afterbay.JobContext;
import dev.afterbay.PlainText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The standard error of a program: its first and its last lines, for the log and the reason. */
final class ProgramErrors {

  /** Half of a log is told while the program runs, the other half when it has ended. */
  static final int FIRST_LINES_MAX = JobContext.LINES_MAX / 2;

  /** One less, for the line that says how many are left out. */
  static final int LAST_LINES_MAX = JobContext.LINES_MAX / 2 - 1;

  /** Enough for the longest line in UTF-8. */
  private static final int LINE_BYTES_MAX = 3 * JobContext.LINE_CHARS_MAX;

  /** How much of the end is the reason of a failure. */
  private static final int END_CHARS_MAX = 1_500;

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final List<String> untold = new ArrayList<>();
  private final Deque<String> last = new ArrayDeque<>();
  private final Deque<String> end = new ArrayDeque<>();
  private int endChars;
  private int first;
  private long leftOut;

  synchronized void add(byte[] chunk, int length) {
    for (int i = 0; i < length; i++) {
      if (chunk[i] == '\n' || chunk[i] == '\r') {
        endLine();
      } else if (line.size() < LINE_BYTES_MAX) {
        line.write(chunk[i]);
      }
    }
  }

  private void endLine() {
    if (line.size() == 0) {
      return;
    }
    String text = PlainText.line(line.toString(StandardCharsets.UTF_8), JobContext.LINE_CHARS_MAX);
    line.reset();
    keepEnd(text);
    if (first < FIRST_LINES_MAX) {
      first++;
      untold.add(text);
      return;
    }
    last.add(text);
    if (last.size() > LAST_LINES_MAX) {
      last.remove();
      leftOut++;
    }
  }

  private void keepEnd(String text) {
    end.add(text);
    endChars += text.length() + 1;
    while (endChars > END_CHARS_MAX) {
      endChars -= end.remove().length() + 1;
    }
  }

  /** Of the first lines those that are new. */
  synchronized List<String> next() {
    List<String> lines = List.copyOf(untold);
    untold.clear();
    return lines;
  }

  /** All that is left to tell when the program has ended. */
  synchronized List<String> last() {
    endLine();
    List<String> lines = new ArrayList<>(next());
    if (leftOut > 0) {
      lines.add("[" + leftOut + " lines left out]");
    }
    lines.addAll(last);
    last.clear();
    return lines;
  }

  /** The last whole lines. */
  synchronized String end() {
    return String.join("\n", end);
  }
}
