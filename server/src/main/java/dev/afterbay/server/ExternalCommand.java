package dev.afterbay.server;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;

/**
 * A command of the module bench, which knows this one and need not be installed: so it is looked up
 * by name.
 */
record ExternalCommand(String name, String description) implements CommandEntry {
  private static final String MAIN = "dev.afterbay.bench.BenchMain";

  @Override
  public int run(String typed, List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    all.addFirst(name);
    try {
      Class.forName(MAIN)
          .getMethod("main", String[].class)
          .invoke(null, (Object) all.toArray(String[]::new));
      return ExitCode.STOPPED;
    } catch (ClassNotFoundException _) {
      System.err.println("afterbay: " + name + " is not installed here: run it from a checkout");
      return ExitCode.FAILED;
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(name + " failed", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(MAIN + " is not the program that is expected", e);
    }
  }
}
