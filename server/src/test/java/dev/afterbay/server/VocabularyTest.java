package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One word for one thing in sources and documents, and files that can be read. */
final class VocabularyTest {
  private static final Path ROOT = Path.of("..");

  /** The words that another one took the place of. */
  private static final Pattern BANNED =
      Pattern.compile(
          "\\bdoors?\\b|\\bcomes? again\\b|\\bmend the\\b|\\bholders?\\b|\\bdeadLetter\\("
              + "|Status\\.Dead\\b|Kind\\.DEAD\\b|Outcome\\.Dead\\b|Outcome\\.dead\\("
              + "|\\bset of tries\\b|\\bactive jobs?\\b|\\bdead jobs?\\b",
          Pattern.CASE_INSENSITIVE);

  /** They say what was, or which words are refused. */
  private static final Set<String> ABOUT_OLD_WORDS =
      Set.of("CHANGELOG.md", "JsonReader.java", "VocabularyTest.java");

  /** Two ends of one thing: the same crash, simulated and real. */
  private static final Set<String> NAMES_OF_TWO_ENDS =
      Set.of("CrashTest", "package-info", "module-info");

  private static final int DOCUMENT_COLUMNS_MAX = 120;

  @Test
  void everythingIsCalledByItsOneWord() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : files(".java", ".md", ".js", ".html", "openapi.json")) {
      if (!ABOUT_OLD_WORDS.contains(file.getFileName().toString()) && !isDecision(file)) {
        find(BANNED, file, found);
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void noTwoTypesHaveOneName() throws IOException {
    Map<String, List<Path>> byName = new TreeMap<>();
    for (Path file : files(".java")) {
      String name = file.getFileName().toString().replace(".java", "");
      byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(file);
    }
    byName.keySet().removeAll(NAMES_OF_TWO_ENDS);
    byName.values().removeIf(places -> places.size() == 1);
    assertThat(byName).isEmpty();
  }

  /** A row of a table is one line, and so is the data of an event. */
  @Test
  void linesOfDocumentsCanBeReadAtOnce() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : files(".md")) {
      if (isOfATest(file)) {
        continue;
      }
      for (String line : Files.readAllLines(file)) {
        boolean cannotBeWrapped = line.startsWith("|") || line.startsWith("data: ");
        if (line.length() > DOCUMENT_COLUMNS_MAX && !cannotBeWrapped) {
          found.add(file + ": " + line);
        }
      }
    }
    assertThat(found).isEmpty();
  }

  private static boolean isOfATest(Path file) {
    return file.toString().contains("test");
  }

  private static boolean isDecision(Path file) {
    return file.getParent().endsWith(Path.of("docs", "decisions"));
  }

  private static void find(Pattern pattern, Path file, List<String> found) throws IOException {
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (pattern.matcher(line).find()) {
        found.add(file + ":" + number + ": " + line.strip());
      }
    }
  }

  /** What is written by hand; nothing that a build made. */
  private static List<Path> files(String... endings) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> children = Files.list(ROOT)) {
      for (Path child : children.toList()) {
        String name = child.getFileName().toString();
        if (Files.isRegularFile(child) && name.endsWith(".md")) {
          found.add(child);
        } else if (name.equals("docs") || Files.isDirectory(child.resolve("src"))) {
          found.addAll(below(name.equals("docs") ? child : child.resolve("src")));
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return found.stream()
        .filter(file -> Stream.of(endings).anyMatch(file.getFileName().toString()::endsWith))
        .toList();
  }

  private static List<Path> below(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
