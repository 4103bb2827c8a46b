package dev.afterbay.server;

import java.util.List;

/** What can be chosen by its name on the command line. */
sealed interface CommandEntry permits Command, ExternalCommand, CommandGroup {
  String name();

  /** A sentence for the help. */
  String description();

  /**
   * @param typed how it was chosen, such as {@code afterbay serve}
   * @param arguments what comes after that
   * @return the exit code
   */
  int run(String typed, List<String> arguments) throws Exception;
}
