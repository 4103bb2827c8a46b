package dev.afterbay.server;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.QueueFields;
import dev.afterbay.worker.HandlerFactory.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of the configuration, read name by name. Every name that is asked for is known by
 * that, the others are refused. What is left out, or null, has its default.
 *
 * <p>So there is one place that knows a name, its type and its default: the call that reads it. A
 * schema beside it, or records filled by reflection, would be a second one, slow to start, and know
 * less of what was written (decision 0014).
 */
final class ConfigSection implements Section, QueueFields.Values {
  private static final long SECRET_BYTES_MAX = 64 << 10;

  /** Names from the top, with a dot at the end; empty: this is the top. */
  private final String path;

  private final ConfigNode.Mapping mapping;

  /** Null where values cannot be given by options and variables: inside of lists and queues. */
  private final @Nullable Overrides overrides;

  private final Set<String> known = new LinkedHashSet<>();

  /** Those of the names whose values are never shown. */
  private final Set<String> secrets = new HashSet<>();

  /** Those that were handed out to be read, and may hold names that nobody asks for. */
  private final Map<String, ConfigSection> within = new LinkedHashMap<>();

  private ConfigSection(String path, ConfigNode.Mapping mapping, @Nullable Overrides overrides) {
    this.path = path;
    this.mapping = mapping;
    this.overrides = overrides;
  }

  /**
   * Reads the whole.
   *
   * @throws ConfigException if a value is wrong, or there is a name that {@code reading} did not
   *     ask for
   */
  static <T> T top(
      ConfigNode.Mapping mapping, Overrides overrides, Function<ConfigSection, T> reading) {
    T result = new ConfigSection("", mapping, overrides).all(reading);
    overrides.end();
    return result;
  }

  /** The whole, for somebody who reads a part of it only: what else is there may be wrong. */
  static ConfigSection part(ConfigNode.Mapping mapping, Overrides overrides) {
    return new ConfigSection("", mapping, overrides);
  }

  /** The name of a value of this section as people write it. */
  String name(String name) {
    return path + name;
  }

  /** Reads the section of that name; an empty one if it is not there. */
  <T extends @Nullable Object> T section(String name, Function<ConfigSection, T> reading) {
    return section(name).all(reading);
  }

  @Override
  public ConfigSection section(String name) {
    ConfigNode.Mapping mapping = mapping(path + name, find(name));
    return within.computeIfAbsent(
        name, it -> new ConfigSection(path + it + ".", mapping, overrides));
  }

  /** Reads the sections of a section, which have names of their own. */
  <T> Map<String, T> sections(String name, BiFunction<String, ConfigSection, T> reading) {
    Map<String, T> sections = new LinkedHashMap<>();
    mapping(path + name, find(name))
        .entries()
        .forEach((key, tree) -> {
          String at = path + name + "." + key;
          read(at, key, Parsers::name);
          ConfigSection section = new ConfigSection(at + ".", mapping(at, tree), null);
          sections.put(key, section.all(it -> reading.apply(key, it)));
        });
    return sections;
  }

  /** The whole of it as JSON, for a reader that refuses unknown names itself. */
  byte[] json() {
    known.addAll(mapping.entries().keySet());
    StringBuilder json = new StringBuilder();
    mapping.appendJson(json);
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Reads the sections of a list. */
  <T> List<T> list(String name, Function<ConfigSection, T> reading) {
    List<T> sections = new ArrayList<>();
    for (ConfigNode item : items(name)) {
      String at = path + name + "[" + sections.size() + "]";
      sections.add(new ConfigSection(at + ".", mapping(at, item), null).all(reading));
    }
    return sections;
  }

  @Override
  public <T> @Nullable List<T> values(String name, Function<String, T> reading) {
    if (find(name) == null) {
      return null;
    }
    List<T> values = new ArrayList<>();
    for (ConfigNode item : items(name)) {
      String at = path + name + "[" + values.size() + "]";
      values.add(present(at, scalar(at, item), reading));
    }
    return values;
  }

  @Override
  public Map<String, String> texts(String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    mapping(path + name, find(name))
        .entries()
        .forEach((key, value) -> {
          String at = path + name + "." + key;
          texts.put(key, present(at, scalar(at, value), Function.identity()));
        });
    return texts;
  }

  @Override
  public <T> @Nullable T value(String name, Function<String, T> reading) {
    return valueHere(name, reading, reading);
  }

  /**
   * A single value that must fit this machine, which one that another wins over need not.
   *
   * @param form reads what another wins over: says what it must be on any machine
   */
  <T> @Nullable T valueHere(String name, Function<String, ?> form, Function<String, T> reading) {
    String at = path + name;
    String label = at;
    String text = scalar(at, find(name));
    for (Overrides.Given given : given(name)) {
      var _ = read(label, text, form);
      label = given.at(at);
      text = given.text();
    }
    return read(label, text, reading);
  }

  /** Other than by the file; the last one counts. */
  private List<Overrides.Given> given(String name) {
    return overrides == null ? List.of() : overrides.find(path + name);
  }

  @Override
  public @Nullable Duration duration(String name) {
    return value(name, Parsers::duration);
  }

  @Override
  public @Nullable List<Duration> durations(String name) {
    return values(name, Parsers::duration);
  }

  @Override
  public @Nullable Long bytes(String name) {
    return value(name, Parsers::size);
  }

  @Override
  public @Nullable Long integer(String name, long min, long max) {
    return value(name, Parsers.whole(min, max));
  }

  @Override
  public @Nullable Integer attempts(String name) {
    return value(name, Parsers::attempts);
  }

  @Override
  public @Nullable Double number(String name) {
    return value(name, Parsers::number);
  }

  @Override
  public @Nullable Boolean flag(String name) {
    return value(name, Parsers::bool);
  }

  @Override
  public <E extends Enum<E>> @Nullable E oneOf(String name, Class<E> type) {
    return value(name, Parsers.oneOf(type));
  }

  @Override
  public <T> T required(String name, String allowed, Function<String, T> reading) {
    T value = value(name, reading);
    if (value == null) {
      throw new ConfigException(path + name, null, allowed);
    }
    return value;
  }

  @Override
  public <T> @Nullable T secret(String name, Function<String, T> reading) {
    secrets.add(name);
    T secret = value(name, text -> hidden(path + name, text, reading));
    T inFile = value(name + "_file", file -> reading.apply(secretIn(Path.of(file))));
    if (secret != null && inFile != null) {
      String at = path + name;
      throw new ConfigException(at, "(hidden)", "contradicts " + at + "_file: give one of them");
    }
    return inFile == null ? secret : inFile;
  }

  private static <T> T hidden(String label, String text, Function<String, T> reading) {
    try {
      return reading.apply(text);
    } catch (BrokerException.Rejected | IllegalArgumentException e) {
      throw new ConfigException(label, "(hidden)", String.valueOf(e.getMessage()));
    }
  }

  private static String secretIn(Path file) {
    try {
      if (Files.size(file) <= SECRET_BYTES_MAX) {
        return Files.readString(file).strip();
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("must be a readable text file (" + e + ")", e);
    }
    throw new IllegalArgumentException("must be a file of at most 64 KiB");
  }

  /** Reads, and refuses what was not read. */
  private <T extends @Nullable Object> T all(Function<ConfigSection, T> reading) {
    T result;
    try {
      result = reading.apply(this);
    } catch (BrokerException.Rejected e) {
      throw refused(e);
    }
    end();
    return result;
  }

  /**
   * Lets a handler look at its settings.
   *
   * @throws ConfigException if it finds them wrong
   */
  <T> T checked(Supplier<T> look) {
    try {
      return look.get();
    } catch (BrokerException.Rejected e) {
      throw refused(e);
    } catch (IllegalArgumentException e) {
      String at = path.substring(0, path.length() - 1);
      throw new ConfigException(at, mapping.shown(), String.valueOf(e.getMessage()));
    }
  }

  private void end() {
    within.values().forEach(ConfigSection::end);
    mapping
        .entries()
        .forEach((name, value) -> {
          if (!known.contains(name)) {
            throw new ConfigException(
                path + name, value.shown(), "unknown name; allowed: " + String.join(", ", known));
          }
        });
  }

  /** The first name of a section of this one; null: it is no section, or empty. */
  @Nullable String firstNameIn(String name) {
    return find(name) instanceof ConfigNode.Mapping(Map<String, ConfigNode> entries)
        ? entries.keySet().stream().findFirst().orElse(null)
        : null;
  }

  /**
   * What a check of several values came to, with the value that it is about.
   *
   * @param e its field is a name of this section, may be with the section's own before it, such as
   *     {@code backoff.first}
   */
  private ConfigException refused(BrokerException.Rejected e) {
    int dot = e.field().indexOf('.') + 1;
    String field =
        ("." + path).endsWith("." + e.field().substring(0, dot))
            ? e.field().substring(dot)
            : e.field();
    return refusal(field, String.valueOf(e.getMessage()));
  }

  /**
   * That a value cannot be, considering others; it is shown as it was given.
   *
   * @param field a name of this section, or of one within it: {@code backoff.first}
   */
  ConfigException refusal(String field, String allowed) {
    ConfigNode tree = mapping;
    for (String name : field.split("\\.")) {
      tree =
          tree instanceof ConfigNode.Mapping(Map<String, ConfigNode> entries)
              ? entries.get(name)
              : null;
    }
    String label = path + field;
    String value = tree == null ? "(default)" : tree.shown();
    for (Overrides.Given given : given(field)) {
      label = given.at(path + field);
      value = given.text();
    }
    return new ConfigException(label, secrets.contains(field) ? "(hidden)" : value, allowed);
  }

  private @Nullable ConfigNode find(String name) {
    known.add(name);
    return mapping.entries().get(name);
  }

  private List<ConfigNode> items(String name) {
    ConfigNode.Sequence list =
        as(ConfigNode.Sequence.class, path + name, find(name), "must be a list");
    return list == null ? List.of() : list.items();
  }

  private static ConfigNode.Mapping mapping(String at, @Nullable ConfigNode tree) {
    ConfigNode.Mapping mapping =
        as(ConfigNode.Mapping.class, at, tree, "must be names with values, such as {name: value}");
    return mapping == null ? ConfigNode.Mapping.EMPTY : mapping;
  }

  private static @Nullable String scalar(String at, @Nullable ConfigNode tree) {
    ConfigNode.Text text = as(ConfigNode.Text.class, at, tree, "must be a single value");
    return text == null ? null : text.value();
  }

  /** A tree of the kind that is expected; null: it is left out, or null. */
  private static <T extends ConfigNode> @Nullable T as(
      Class<T> kind, String at, @Nullable ConfigNode tree, String allowed) {
    if (tree == null || tree.isNull()) {
      return null;
    }
    if (!kind.isInstance(tree)) {
      throw new ConfigException(at, tree.shown(), allowed);
    }
    return kind.cast(tree);
  }

  private static <T> T present(String at, @Nullable String text, Function<String, T> reading) {
    T value = read(at, text, reading);
    if (value == null) {
      throw new ConfigException(at, null, "must have a value");
    }
    return value;
  }

  private static <T> @Nullable T read(
      String label, @Nullable String text, Function<String, T> reading) {
    if (text == null) {
      return null;
    }
    try {
      return reading.apply(text);
    } catch (BrokerException.Rejected | IllegalArgumentException e) {
      throw new ConfigException(label, text, String.valueOf(e.getMessage()));
    }
  }
}
