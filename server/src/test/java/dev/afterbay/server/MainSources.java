package dev.afterbay.server;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The main sources of the modules, as text and as the compiler parses them. */
final class MainSources {
  private static final Path ROOT = Path.of("..");

  private MainSources() {}

  /** A method, and how many lines it has from its first word to its last brace. */
  record Method(String where, long lines) {}

  /** How many lines of some files have a comment, of all that are not blank or imports. */
  record Comments(long comments, long lines) {
    double percent() {
      return 100.0 * comments / lines;
    }
  }

  static List<Path> ofAllModules() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> children = Files.list(ROOT)) {
      for (Path child : children.sorted().toList()) {
        if (Files.isDirectory(child.resolve("src"))) {
          found.addAll(of(child.getFileName().toString()));
        }
      }
    }
    return found;
  }

  static List<Path> of(String module) throws IOException {
    Path main = ROOT.resolve(module).resolve("src/main/java");
    if (!Files.isDirectory(main)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(main)) {
      return all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  /** The methods and constructors that have a body. */
  static List<Method> methods(List<Path> files) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<Method> methods = new ArrayList<>();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree file : task.parse()) {
        file.accept(new MethodScanner(file, positions, methods), null);
      }
    }
    return methods;
  }

  private static final class MethodScanner extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree file;
    private final SourcePositions positions;
    private final List<Method> found;

    MethodScanner(CompilationUnitTree file, SourcePositions positions, List<Method> found) {
      this.file = file;
      this.positions = positions;
      this.found = found;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
      if (method.getBody() != null) {
        long first = line(positions.getStartPosition(file, method));
        long last = line(positions.getEndPosition(file, method));
        String name = file.getSourceFile().getName() + ":" + first + " " + method.getName();
        found.add(new Method(name, last - first + 1));
      }
      return super.visitMethod(method, null);
    }

    private long line(long position) {
      return file.getLineMap().getLineNumber(position);
    }
  }

  static Comments comments(List<Path> files) throws IOException {
    long comments = 0;
    long lines = 0;
    for (Path file : files) {
      boolean isInBlock = false;
      for (String line : Files.readAllLines(file)) {
        String text = line.strip();
        if (text.isEmpty() || text.startsWith("import ") || text.startsWith("package ")) {
          continue;
        }
        lines++;
        boolean begins = text.startsWith("/*");
        if (isInBlock || begins || text.startsWith("//") || text.contains(" // ")) {
          comments++;
        }
        isInBlock = (isInBlock || begins) && !text.contains("*/");
      }
    }
    return new Comments(comments, lines);
  }
}
