package dev.afterbay.handlers;

import dev.afterbay.handlers.CommandHandler.Result;
import dev.afterbay.handlers.CommandHandler.Settings;
import dev.afterbay.worker.HandlerFactory;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@link CommandHandler}s: {@code handler: command}, with the settings in {@code command}.
 */
public final class CommandFactory implements HandlerFactory {

  private static final String PROGRAM =
      "program must be a list with the program first, such as [/usr/bin/wc, -l]";

  /** For the {@link java.util.ServiceLoader}. */
  public CommandFactory() {}

  @Override
  public String name() {
    return "command";
  }

  /** A program that fails for one job may do well with the next. */
  @Override
  public boolean hasOneTarget() {
    return false;
  }

  @Override
  public Configured configure(Section section, Duration timeout) {
    List<String> program = section.values("program", Function.identity());
    Map<String, String> results = section.texts("results");
    Long outputMax = section.bytes("output_max");
    Map<String, String> env = section.texts("env");
    Path directory = section.value("directory", Path::of);
    return WebhookFactory.named(() -> {
      check(program != null && !program.isEmpty(), PROGRAM);
      return new Settings(
          found(program == null ? List.of() : program, System.getenv("PATH")),
          results(results),
          outputMax == null ? Settings.OUTPUT_BYTES_MAX : inRange(outputMax),
          env,
          directory,
          timeout);
    });
  }

  private static int inRange(long bytes) {
    check(
        bytes >= 0 && bytes <= Settings.OUTPUT_BYTES_MAX,
        "output_max must be 0 to " + (Settings.OUTPUT_BYTES_MAX >> 10) + "KiB");
    return (int) bytes;
  }

  private static Map<Integer, Result> results(Map<String, String> texts) {
    Map<Integer, Result> results = new TreeMap<>();
    texts.forEach((code, result) -> {
      check(
          code.matches("[1-9][0-9]{0,2}") && result.matches("done|retry|fail"),
          "results must be exit codes, 1 to 255, with done, retry or fail: "
              + code
              + ": "
              + result);
      results.put(Integer.valueOf(code), Result.valueOf(result.toUpperCase(Locale.ROOT)));
    });
    return results;
  }

  /** The command with the whole path of its program, so that a later PATH cannot change it. */
  static List<String> found(List<String> program, @Nullable String searched) {
    String name = program.getFirst();
    Path file = null;
    if (name.contains("/") || name.contains(File.separator)) {
      file = Path.of(name).toAbsolutePath();
    } else if (searched != null && !name.isEmpty()) {
      for (String folder : searched.split(File.pathSeparator, -1)) {
        Path tried = Path.of(folder, name).toAbsolutePath();
        if (file == null && isProgram(tried)) {
          file = tried;
        }
      }
    }
    check(
        file != null && isProgram(file),
        "program must be a file that may be executed: " + (file == null ? name : file));
    List<String> whole = new ArrayList<>(program);
    whole.set(0, String.valueOf(file));
    return whole;
  }

  static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
