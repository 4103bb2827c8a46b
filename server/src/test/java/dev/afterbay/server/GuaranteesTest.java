package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/guarantees.md names the tests that prove what it says, and they exist. */
final class GuaranteesTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "guarantees.md");

  /** Such as {@code StoreKeys.aKeyOutlivesItsJobAndAReopening}. */
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+)\\.([a-z]\\w+)`");

  /** The parts of the contracts, which are not public. */
  private static final String CONTRACT = "dev.afterbay.contract.";

  /** Every row of the table of rules names a test. */
  private static final String TABLE = "## Rules, and the tests that prove them";

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    List<String> missing = new ArrayList<>();
    Matcher named = NAMED.matcher(Files.readString(DOCUMENT));
    int found = 0;
    while (named.find()) {
      found++;
      if (!isTest(named.group(1), named.group(2))) {
        missing.add(named.group());
      }
    }
    assertThat(missing).as("name the test as it is called now").isEmpty();
    assertThat(found).isGreaterThan(100);
  }

  @Test
  void everyRuleNamesItsTests() throws IOException {
    String document = Files.readString(DOCUMENT);
    assertThat(document).contains(TABLE);
    List<String> rows =
        document
            .substring(document.indexOf(TABLE))
            .lines()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| rule |"))
            .toList();
    assertThat(rows).hasSizeGreaterThan(50).allMatch(row -> NAMED.matcher(row).find());
  }

  private static boolean isTest(String type, String method) throws IOException {
    try {
      Class<?> part = Class.forName(CONTRACT + type, false, GuaranteesTest.class.getClassLoader());
      return Arrays.stream(part.getDeclaredMethods())
          .filter(each -> each.isAnnotationPresent(Test.class))
          .map(Method::getName)
          .anyMatch(method::equals);
    } catch (ClassNotFoundException _) {
      return testsInSource(type).contains(method);
    }
  }

  /** Of a test of another module, which is not on the class path here. */
  private static Set<String> testsInSource(String type) throws IOException {
    Set<String> tests = new TreeSet<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path module : modules.filter(each -> Files.isDirectory(each.resolve("src"))).toList()) {
        Path folder = module.resolve("src/test/java");
        if (Files.isDirectory(folder)) {
          addTests(folder, type + ".java", tests);
        }
      }
    }
    return tests;
  }

  private static void addTests(Path folder, String file, Set<String> tests) throws IOException {
    Pattern test =
        Pattern.compile(
            "@(?:Test|ParameterizedTest|RepeatedTest)\\b.*?\\bvoid (\\w+)\\(", Pattern.DOTALL);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.filter(each -> each.endsWith(file)).toList()) {
        Matcher found = test.matcher(Files.readString(path));
        while (found.find()) {
          tests.add(found.group(1));
        }
      }
    }
  }
}
