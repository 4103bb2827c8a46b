package dev.afterbay.server;

import java.util.List;

/** Commands of which one is to be chosen. */
record CommandGroup(String name, String description, List<CommandEntry> entries)
    implements CommandEntry {

  @Override
  public int run(String typed, List<String> arguments) throws Exception {
    if (arguments.isEmpty()) {
      return StartFailure.misused("No command", typed);
    }
    String first = arguments.getFirst();
    for (CommandEntry entry : entries) {
      if (entry.name().equals(first)) {
        return entry.run(typed + " " + first, arguments.subList(1, arguments.size()));
      }
    }
    switch (first) {
      case "--help", "-h" -> Help.print(typed, this);
      case "--version", "-V" -> System.out.println("afterbay " + Main.version());
      default -> {
        return StartFailure.misused("Unrecognized command: " + first, typed);
      }
    }
    return ExitCode.STOPPED;
  }
}
