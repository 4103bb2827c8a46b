package dev.afterbay.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What the numbers were measured on. */
final class Machine {

  private static final Path CPU = Path.of("/proc/cpuinfo");
  private static final double GIB = 1L << 30;

  private Machine() {}

  /**
   * Facts by name, in the order to print them in.
   *
   * @param folder the one that the files are in
   */
  static Map<String, String> facts(Path folder) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    facts.put("processors", Runtime.getRuntime().availableProcessors() + " x " + processor());
    facts.put("memory", format("%.1f GiB", system.getTotalMemorySize() / GIB));
    facts.put("system", system.getName() + " " + system.getVersion() + " " + system.getArch());
    facts.put("java", Runtime.version() + ", " + System.getProperty("java.vendor"));
    facts.put(
        "file system",
        Files.getFileStore(folder).type()
            + format(", %.0f GiB free", Files.getFileStore(folder).getUsableSpace() / GIB));
    facts.put("load before", format("%.1f", system.getSystemLoadAverage()));
    return facts;
  }

  private static String format(String format, double number) {
    return String.format(Locale.ROOT, format, number);
  }

  private static String processor() throws IOException {
    if (!Files.exists(CPU)) {
      return System.getProperty("os.arch");
    }
    return Files.readAllLines(CPU).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }
}
