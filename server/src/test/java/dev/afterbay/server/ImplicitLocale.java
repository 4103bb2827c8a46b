package dev.afterbay.server;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ChoiceFormat;
import java.text.Collator;
import java.text.DateFormat;
import java.text.DateFormatSymbols;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.MessageFormat;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Scanner;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Calls, constructors and method references that make or read text in the language of the machine,
 * as nobody told them another one: with an Arabic one 12 becomes ١٢, and a file gets a name that
 * the store does not find again.
 */
final class ImplicitLocale extends DescribedPredicate<JavaAccess<?>> {
  private static final String CONSTRUCTOR = "<init>";

  /** By the type's name, what is fine if one of its parameters is a locale. */
  private static final Map<String, Set<String>> NEED_A_LOCALE =
      Map.ofEntries(
          entry(String.class, "format", "formatted", "toLowerCase", "toUpperCase"),
          entry(PrintStream.class, "format", "printf"),
          entry(PrintWriter.class, "format", "printf"),
          entry(Console.class, "format", "printf", "readLine"),
          entry(Formatter.class, CONSTRUCTOR),
          entry(Scanner.class, CONSTRUCTOR),
          entry(DateTimeFormatter.class, "ofPattern"),
          entry(DateTimeFormatterBuilder.class, "toFormatter"),
          entry(MessageFormat.class, CONSTRUCTOR, "format"),
          entry(ChoiceFormat.class, CONSTRUCTOR),
          entry(SimpleDateFormat.class, CONSTRUCTOR),
          entry(DateFormat.class, "getInstance", "getDateInstance", "getTimeInstance"),
          entry(DateFormatSymbols.class, CONSTRUCTOR, "getInstance"),
          entry(DecimalFormatSymbols.class, CONSTRUCTOR, "getInstance"),
          entry(
              NumberFormat.class,
              "getInstance",
              "getNumberInstance",
              "getIntegerInstance",
              "getPercentInstance",
              "getCurrencyInstance",
              "getCompactNumberInstance"),
          entry(Collator.class, "getInstance"),
          entry(Locale.class, "getDefault"));

  /** The same in sources of modules that are built after this one. */
  private static final Pattern IN_SOURCES =
      Pattern.compile(
          "\\.formatted\\(|(String\\.format|printf|toFormatter)\\((?!\\s*Locale)"
              + "|ofPattern\\([^,)]*\\)|to(Lower|Upper)Case\\(\\)|::to(Lower|Upper)Case"
              + "|new Formatter\\(|MessageFormat|DecimalFormat");

  ImplicitLocale() {
    super("makes or reads text in the language of the machine");
  }

  private static Map.Entry<String, Set<String>> entry(Class<?> type, String... names) {
    return Map.entry(type.getName(), Set.of(names));
  }

  @Override
  public boolean test(JavaAccess<?> access) {
    if (!(access.getTarget() instanceof CodeUnitAccessTarget target)) {
      return false;
    }
    String owner = target.getOwner().getName();
    List<String> parameters =
        target.getRawParameterTypes().stream().map(type -> type.getName()).toList();
    if (owner.equals(DecimalFormat.class.getName()) && target.getName().equals(CONSTRUCTOR)) {
      return !parameters.contains(DecimalFormatSymbols.class.getName());
    }
    if (parameters.equals(List.of(Object.class.getName()))) {
      return false; // Of a format that was made with a locale.
    }
    return NEED_A_LOCALE.getOrDefault(owner, Set.of()).contains(target.getName())
        && !parameters.contains(Locale.class.getName());
  }

  /** Where sources do, as {@code file:line}. */
  static List<String> in(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      assert !sources.isEmpty() : folder;
      return sources.stream().flatMap(ImplicitLocale::places).toList();
    }
  }

  private static Stream<String> places(Path file) {
    try {
      String text = Files.readString(file);
      return IN_SOURCES
          .matcher(text)
          .results()
          .map(found -> file + ":" + text.substring(0, found.start()).lines().count());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
