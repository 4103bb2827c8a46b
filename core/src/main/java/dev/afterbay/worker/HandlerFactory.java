package dev.afterbay.worker;

import dev.afterbay.Queue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes the handlers of one kind for a server, from its configuration. A server finds factories
 * through {@link java.util.ServiceLoader} and names none: a class that implements this, and a line
 * with its name in {@code META-INF/services/dev.afterbay.worker.HandlerFactory}, are all that a new
 * kind of handler takes. The class is public and has a public constructor without parameters.
 *
 * {@snippet :
 * public final class CommandFactory implements HandlerFactory {
 *   public String name() {
 *     return "command"; // workers: [{queue: q, handler: command, command: {program: /bin/x}}]
 *   }
 *
 *   public Configured configure(Section settings, Duration timeout) {
 *     Path program = settings.required("program", "must be a path", Path::of);
 *     return queue -> new CommandHandler(program, timeout);
 *   }
 * }
 * }
 */
public interface HandlerFactory {

  /**
   * What {@code workers[].handler} says to have this kind, and the name of the section beside it
   * that holds its settings; lower-case letters, digits and underscores. No two kinds share one.
   */
  String name();

  /**
   * Reads and checks the settings. Nothing is opened yet: what is configured may only be looked at.
   * Names that were not asked for are refused by the server afterwards.
   *
   * @param timeout of one attempt; a little later the worker interrupts the handler
   * @throws dev.afterbay.BrokerException.Rejected if a setting is wrong; its field is the name
   *     within the section, to which the server adds the value and where it stands
   * @throws IllegalArgumentException if the section is wrong as a whole
   */
  Configured configure(Section settings, Duration timeout);

  /**
   * Whether what these handlers call may be away for days. Then a queue that says nothing about its
   * attempts has no end of them, and gives up by age instead.
   */
  default boolean isPatient() {
    return false;
  }

  /**
   * Whether all jobs of an entry depend on one target, such as a URL, so that some failures in a
   * row tell that it is away: then a circuit breaker leaves it alone for a while. False: each job
   * is tried whatever came of the others.
   */
  default boolean hasOneTarget() {
    return true;
  }

  /**
   * The JSON Schema (2020-12) of the payloads that these handlers take, as text. A server that
   * validates types refuses what does not fit it; empty: anything is taken.
   */
  default Optional<String> schema() {
    return Optional.empty();
  }

  /** Settings that were read and found good. */
  @FunctionalInterface
  interface Configured {

    /**
     * Makes the handler of one entry of the configuration. If it is an {@link AutoCloseable}, the
     * server closes it when no delivery is at it any more.
     *
     * @param queue where its deliveries come from
     * @throws dev.afterbay.BrokerException.Rejected as {@link HandlerFactory#configure} does, for
     *     what can only be found out now
     * @throws IllegalArgumentException as {@link HandlerFactory#configure} does
     */
    Handler open(Queue queue);

    /**
     * Why no job can be done with these settings, such as {@code email.smtp is not set}: a server
     * that validates types refuses jobs with that reason. Empty: they can. Asked for each job.
     */
    default Optional<String> refusal() {
      return Optional.empty();
    }
  }

  /**
   * A section of a server's configuration, read name by name. Each name that is asked for is
   * allowed by that, all others are refused.
   *
   * <p>What is left out, or null, is null here, so that the reader says its default. Whatever is
   * wrong stops the start with one line that says name, value and what is allowed; a {@code
   * reading} only says what is allowed, by an IllegalArgumentException such as {@code must be 1 to
   * 10}.
   */
  interface Section {

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
     * A secret, given as {@code name}, or by the file of at most 64 KiB that {@code name_file}
     * names. Errors never show it.
     */
    <T> @Nullable T secret(String name, Function<String, T> reading);

    /** A list of single values. */
    <T> @Nullable List<T> values(String name, Function<String, T> reading);

    /** A section whose names are anything, each with a single value; empty if it is left out. */
    Map<String, String> texts(String name);

    /** A section within this one; without any value if it is left out. */
    Section section(String name);
  }
}
