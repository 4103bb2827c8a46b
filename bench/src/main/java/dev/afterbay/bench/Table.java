package dev.afterbay.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** Rows as people read them, in Markdown. */
final class Table {

  private static final String LINE = "| %-38s | %14s | %21s | %6s | %-26s | %-11s |%n";
  private static final double MANY = 100;

  private Table() {}

  static void print(List<Row> rows, PrintStream out) {
    out.printf(Locale.ROOT, LINE, "what", "median", "min - max", "of raw", "goal", "");
    out.printf(Locale.ROOT, LINE, "---", "--:", "--:", "--:", "---", "---");
    rows.forEach(row -> print(row, out));
  }

  private static void print(Row row, PrintStream out) {
    Numbers values = row.values();
    Numbers ratios = row.ratios();
    out.printf(
        Locale.ROOT,
        LINE,
        row.what(),
        number(values.median()) + " " + row.unit(),
        number(values.min()) + " - " + number(values.max()),
        ratios == null ? "" : ratio(ratios.median()),
        goal(row),
        verdict(row));
  }

  private static String verdict(Row row) {
    if (!row.hasGoal()) {
      return "";
    }
    return row.isMet() ? "PASS" : "FALLS SHORT";
  }

  private static String goal(Row row) {
    String ratio = bound(row.ratioGoal(), Table::ratio);
    String value = bound(row.goal(), Table::number);
    return ratio.isEmpty() ? value : value + ", " + ratio + " of raw";
  }

  private static String bound(Goal goal, DoubleFunction<String> written) {
    return switch (goal.bound()) {
      case AT_LEAST -> ">= " + written.apply(goal.value());
      case AT_MOST -> "<= " + written.apply(goal.value());
      case NONE -> "";
    };
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** With as many digits as mean something. */
  private static String number(double value) {
    return String.format(Locale.ROOT, value >= MANY ? "%,.0f" : "%.2f", value);
  }
}
