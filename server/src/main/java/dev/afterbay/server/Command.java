package dev.afterbay.server;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/**
 * A command of the program, with its options.
 *
 * <p>Commons CLI parses, and nothing finds options by reflection: that is a part of each start.
 * {@link Help} prints, as the formatter of Commons CLI knows no commands.
 */
public final class Command implements CommandEntry {
  private final String name;
  private final String description;
  private final Action action;
  private final Options options = new Options();
  private String operand = "";

  /** What a command does. */
  @FunctionalInterface
  public interface Action {
    /**
     * @return the exit code
     */
    int run(Arguments given) throws Exception;
  }

  /** One without options, but for {@code --help}. */
  public Command(String name, String description, Action action) {
    this.name = name;
    this.description = description;
    this.action = action;
  }

  /**
   * Has one more option.
   *
   * @param value what the value is called in the help
   * @param text for the help, with the default
   */
  public Command option(String option, String value, String text) {
    options.addOption(named(option, value, text).get());
    return this;
  }

  /** Has one more option, which has no value. */
  Command flag(String option, String text) {
    options.addOption(Option.builder().longOpt(option).desc(text).get());
    return this;
  }

  /** Has one more option, which cannot be left out. */
  Command required(String option, String value, String text) {
    options.addOption(named(option, value, text).required().get());
    return this;
  }

  /**
   * Takes any number of values without an option.
   *
   * @param value what one is called in the help
   */
  public Command operands(String value) {
    operand = value;
    return this;
  }

  private static Option.Builder named(String option, String value, String text) {
    return Option.builder().longOpt(option).hasArg().argName(value).desc(text);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  Iterable<Option> options() {
    return options.getOptions();
  }

  /** Empty: takes none. */
  String operand() {
    return operand;
  }

  @Override
  public int run(String typed, List<String> arguments) throws Exception {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      return Help.print(typed, this);
    }
    try {
      return action.run(parse(arguments));
    } catch (ParseException e) {
      return StartFailure.misused(String.valueOf(e.getMessage()), typed);
    }
  }

  Arguments parse(List<String> arguments) throws ParseException {
    CommandLine line =
        DefaultParser.builder()
            .setAllowPartialMatching(false)
            .setStripLeadingAndTrailingQuotes(false)
            .get()
            .parse(options, arguments.toArray(String[]::new));
    if (operand.isEmpty() && !line.getArgList().isEmpty()) {
      throw new ParseException("Unexpected argument: " + line.getArgList().getFirst());
    }
    return new Arguments(line);
  }
}
