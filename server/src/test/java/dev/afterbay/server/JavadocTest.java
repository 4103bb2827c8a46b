package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever uses the API finds a sentence at each public member, and no broken link. */
final class JavadocTest {
  private static final Path CORE = Path.of("..", "core", "src", "main", "java");

  /** A record's parameters are described at the record. */
  private static final String COMPACT_CONSTRUCTOR = "public [A-Z]\\w* \\{";

  @TempDir Path classes;

  @Test
  void noPublicMemberOfCoreIsWithoutAComment() throws IOException {
    List<String> found = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> told : doclint()) {
      boolean gap = told.getMessage(Locale.ROOT).equals("no comment");
      boolean broken = told.getKind() == Diagnostic.Kind.ERROR;
      String line = told.getSource() == null ? "" : line(told);
      if (broken || (gap && !line.matches(COMPACT_CONSTRUCTOR))) {
        found.add(told.getSource().getName() + ":" + told.getLineNumber() + ": " + line);
      }
    }
    assertThat(found).isEmpty();
  }

  private List<Diagnostic<? extends JavaFileObject>> doclint() throws IOException {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> told = new DiagnosticCollector<>();
    try (StandardJavaFileManager files = javac.getStandardFileManager(told, Locale.ROOT, null);
        Stream<Path> sources = Files.walk(CORE)) {
      List<Path> all =
          sources
              .filter(
                  path -> path.toString().endsWith(".java") && !path.endsWith("module-info.java"))
              .toList();
      List<String> options =
          List.of("-proc:none", "-Xdoclint:all/public", "-Xmaxwarns", "5000", "-d", classes + "");
      StringWriter other = new StringWriter();
      boolean compiled =
          javac
              .getTask(other, files, told, options, null, files.getJavaFileObjectsFromPaths(all))
              .call();
      assertThat(compiled).as(other + " " + told.getDiagnostics()).isTrue();
    }
    return told.getDiagnostics();
  }

  private static String line(Diagnostic<? extends JavaFileObject> told) throws IOException {
    String text = told.getSource().getCharContent(true).toString();
    return text.lines().skip(told.getLineNumber() - 1).findFirst().orElse("").strip();
  }
}
