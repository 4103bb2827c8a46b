package dev.afterbay.packaging;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** The part of the JDK that the program needs. */
final class JavaRuntime {

  /**
   * What our classes and those of the libraries name (jdeps is asked with each build), and what
   * they ask for only where it is there:
   *
   * <ul>
   *   <li>jdk.management: the memory and the open files of the process
   *   <li>java.naming: logback, and names in certificates
   *   <li>jdk.net: keep-alive of connections
   *   <li>jdk.unsupported: Netty's way to memory
   * </ul>
   *
   * Elliptic curves are in java.base since JDK 22. java.sql is there for handlers of one's own.
   */
  private static final Set<String> MODULES =
      new TreeSet<>(
          List.of(
              "java.base",
              "java.logging",
              "java.management",
              "java.naming",
              "java.net.http",
              "java.security.sasl",
              "java.sql",
              "java.xml",
              "jdk.management",
              "jdk.net",
              "jdk.unsupported"));

  /**
   * Named by libraries in classes that we never load, or that do without.
   *
   * <ul>
   *   <li>java.desktop: Jackson's view of beans, Angus Mail's pictures
   *   <li>java.compiler, jdk.compiler: annotation processors of Vert.x
   *   <li>jdk.jfr: events of Netty's allocator
   * </ul>
   */
  private static final Set<String> DONE_WITHOUT =
      Set.of("java.desktop", "java.compiler", "jdk.compiler", "jdk.jfr");

  private JavaRuntime() {}

  /**
   * @param jars of the program
   */
  static void link(Path jars, Path to) throws IOException {
    Set<String> needed = named(jars);
    needed.removeAll(DONE_WITHOUT);
    needed.removeAll(MODULES);
    if (!needed.isEmpty()) {
      throw new IOException(
          "the program names modules of the JDK that the runtime would not have: " + needed);
    }
    Tool.runJdk(
        "jlink",
        List.of(
            "--add-modules",
            String.join(",", MODULES),
            "--strip-java-debug-attributes",
            "--no-header-files",
            "--no-man-pages",
            // Packed by what packs all of it: 12 MB instead of 17 in the end, and none at a start.
            "--compress=zip-0",
            "--output",
            to.toString()));
  }

  private static Set<String> named(Path jars) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("--ignore-missing-deps", "--multi-release", "25", "--print-module-deps"));
    arguments.add("--class-path");
    arguments.add(jars + "/*");
    try (Stream<Path> files = Files.list(jars)) {
      files
          .map(Path::toString)
          .filter(name -> name.endsWith(".jar"))
          .sorted()
          .forEach(arguments::add);
    }
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int code =
        ToolProvider.findFirst("jdeps")
            .orElseThrow(() -> new IOException("the JDK has no jdeps: take a whole one"))
            .run(out, out, arguments.toArray(String[]::new));
    List<String> lines = said.toString().strip().lines().toList();
    if (code != 0 || lines.isEmpty()) {
      throw new IOException("jdeps ended with " + code + ": " + said);
    }
    return new TreeSet<>(Arrays.asList(lines.getLast().split(",")));
  }
}
