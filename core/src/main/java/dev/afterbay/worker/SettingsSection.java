package dev.afterbay.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A section of a server's configuration, read name by name. Each name that is asked for is allowed
 * by that, all others are refused.
 *
 * <p>What is left out, or null, is null here, so that the reader says its default. Whatever is
 * wrong stops the start with one line that says name, value and what is allowed; a {@code reading}
 * only says what is allowed, by an IllegalArgumentException such as {@code must be 1 to 10}.
 */
public interface SettingsSection {

  /** A single value, as {@code reading} understands its text. */
  <T> @Nullable T value(String name, Function<String, T> reading);

  /** A single value that has a default. */
  default <T> T value(String name, T otherwise, Function<String, T> reading) {
    T value = value(name, reading);
    return value == null ? otherwise : value;
  }

  /**
   * A single value that cannot be left out.
   *
   * @param allowed said if it is, such as {@code must be a URL}
   */
  <T> T required(String name, String allowed, Function<String, T> reading);

  /** A duration, written as everywhere: {@code 500ms}, {@code 30s}, {@code 5m}, {@code PT30S}. */
  @Nullable Duration duration(String name);

  /** A size, written as everywhere: {@code 64KiB}, {@code 1MiB}; without a unit bytes. */
  @Nullable Long bytes(String name);

  /** A whole number from {@code min} to {@code max}. */
  @Nullable Long integer(String name, long min, long max);

  /** True or false. */
  @Nullable Boolean flag(String name);

  /** One of the constants, written in lower case and with hyphens: {@code at-most-once}. */
  <E extends Enum<E>> @Nullable E oneOf(String name, Class<E> type);

  /**
   * A secret, given as {@code name}, or by the file of at most 64 KiB that {@code name_file} names.
   * Errors never show it.
   */
  <T> @Nullable T secret(String name, Function<String, T> reading);

  /** A list of single values. */
  <T> @Nullable List<T> values(String name, Function<String, T> reading);

  /** A section whose names are anything, each with a single value; empty if it is left out. */
  Map<String, String> texts(String name);

  /** A section within this one; without any value if it is left out. */
  SettingsSection section(String name);
}
