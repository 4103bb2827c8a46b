package dev.afterbay.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Other processes, with the class path and the options of this one, and some of their own. */
final class Jvm {

  /** A system property: more options for the other processes, with blanks between them. */
  static final String OPTIONS = "afterbay.bench.jvm";

  private static final String OUR_VARIABLES = "AFTERBAY_";
  private static final String RESIDENT = "VmRSS:";
  private static final String RESIDENT_MAX = "VmHWM:";
  private static final long KIB = 1L << 10;

  private Jvm() {}

  /** A builder whose process knows nothing of the configuration in this one's environment. */
  static ProcessBuilder builder(String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(options());
    command.add(main);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith(OUR_VARIABLES));
    return builder;
  }

  private static List<String> options() {
    String options = System.getProperty(OPTIONS, "").strip();
    return options.isEmpty() ? List.of() : List.of(options.split("\\s+"));
  }

  /** Memory of a process that is in RAM now. */
  static long residentBytes(long pid) throws IOException {
    return status(pid, RESIDENT);
  }

  /** The most that there was since its start. */
  static long residentBytesMax(long pid) throws IOException {
    return status(pid, RESIDENT_MAX);
  }

  private static long status(long pid, String name) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(status)) {
      throw new IOException("memory of a process is only known from /proc, that is, on Linux");
    }
    return Files.readAllLines(status).stream()
            .filter(line -> line.startsWith(name))
            .map(line -> line.substring(name.length()).replace("kB", "").strip())
            .mapToLong(Long::parseLong)
            .findFirst()
            .orElseThrow(() -> new IOException(status + " has no " + name))
        * KIB;
  }
}
