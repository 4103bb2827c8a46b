package dev.afterbay.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.ParseException;
import org.jspecify.annotations.Nullable;

/**
 * What was given to a command. A value that is wrong, or given twice, is found when it is read; the
 * command that runs then says so.
 */
public final class Arguments {
  private final CommandLine line;

  Arguments(CommandLine line) {
    this.line = line;
  }

  /** Whether an option is there that has no value. */
  boolean has(String option) {
    return line.hasOption(option);
  }

  /** All values of an option that may be given several times. */
  List<String> values(String option) {
    String @Nullable [] values = line.getOptionValues(option);
    return values == null ? List.of() : List.of(values);
  }

  /** The value of an option; null: it was left out. */
  @Nullable String value(String option) throws ParseException {
    List<String> values = values(option);
    if (values.size() > 1) {
      throw new ParseException("Option given more than once: --" + option);
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  /**
   * The value of an option; null: it was left out.
   *
   * @param reading throws IllegalArgumentException if it is none
   */
  public <T> @Nullable T value(String option, Function<String, T> reading) throws ParseException {
    String value = value(option);
    return value == null ? null : read("--" + option, value, reading);
  }

  /** The value of an option that may be left out. */
  public <T> T value(String option, T otherwise, Function<String, T> reading)
      throws ParseException {
    T value = value(option, reading);
    return value == null ? otherwise : value;
  }

  /** The value of an option that is required, so that it was given. */
  <T> T required(String option, Function<String, T> reading) throws ParseException {
    T value = value(option, reading);
    if (value == null) {
      throw new IllegalStateException("--" + option + " is not a required option");
    }
    return value;
  }

  /** What was given without an option. */
  public <T> List<T> operands(Function<String, T> reading) throws ParseException {
    List<T> operands = new ArrayList<>();
    for (String value : line.getArgList()) {
      operands.add(read("argument", value, reading));
    }
    return operands;
  }

  private static <T> T read(String of, String value, Function<String, T> reading)
      throws ParseException {
    try {
      return reading.apply(value);
    } catch (IllegalArgumentException _) {
      throw new ParseException("Invalid " + of + ": " + value);
    }
  }
}
