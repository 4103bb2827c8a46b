package dev.afterbay.server;

import java.lang.reflect.InvocationTargetException;
import java.util.Set;

/**
 * Commands of the module bench, which knows this one and need not be installed: so it is looked up
 * by name.
 */
final class Elsewhere {
  static final Set<String> COMMANDS = Set.of("bench", "torture");
  private static final String MAIN = "dev.afterbay.bench.Main";

  private Elsewhere() {}

  /**
   * @param arguments the command first
   */
  static int run(String[] arguments) {
    try {
      Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) arguments);
      return ExitCode.STOPPED;
    } catch (ClassNotFoundException _) {
      System.err.println(
          "afterbay: " + arguments[0] + " is not installed here: run it from a checkout");
      return ExitCode.FAILED;
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(arguments[0] + " failed", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(MAIN + " is not the program that is expected", e);
    }
  }
}
