package dev.afterbay.server;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.cli.Option;

/** Says on standard output what can be typed. */
final class Help {
  private Help() {}

  /**
   * @return the exit code
   */
  static int print(String typed, CommandGroup group) {
    Map<String, String> commands = new LinkedHashMap<>();
    group.entries().forEach(entry -> commands.put(entry.name(), entry.description()));
    Map<String, String> options = new LinkedHashMap<>();
    options.put("--version, -V", "Prints the version.");
    begin(typed + " COMMAND [OPTION]...", group.description());
    section("Commands", commands);
    end(options);
    return ExitCode.STOPPED;
  }

  /**
   * @return the exit code
   */
  static int print(String typed, Command command) {
    Map<String, String> options = new LinkedHashMap<>();
    StringBuilder usage = new StringBuilder(typed);
    for (Option option : command.options()) {
      String form = "--" + option.getLongOpt() + (option.hasArg() ? "=" + option.getArgName() : "");
      options.put(form, option.getDescription());
      usage.append(option.isRequired() ? " " + form : " [" + form + "]");
    }
    if (!command.operand().isEmpty()) {
      usage.append(" [").append(command.operand()).append("]...");
    }
    begin(usage.toString(), command.description());
    end(options);
    return ExitCode.STOPPED;
  }

  private static void begin(String usage, String description) {
    System.out.println("Usage: " + usage);
    System.out.println(description);
  }

  private static void end(Map<String, String> options) {
    options.put("--help, -h", "Shows this.");
    section("Options", options);
  }

  private static void section(String title, Map<String, String> rows) {
    int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    System.out.println(System.lineSeparator() + title + ":");
    rows.forEach((form, text) ->
        System.out.println("  " + form + " ".repeat(width - form.length()) + "  " + text));
  }
}
