package dev.afterbay.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * What a YAML file holds. Scalars stay the text that was written, so that {@code 08:00}, {@code
 * 1e3} and {@code on} mean what whoever reads them says, and errors can quote them.
 *
 * <p>Nobody switches over the kinds of a tree: the first switch over patterns costs a start 40 ms,
 * since the JVM makes it at run time and no start-up cache takes it.
 */
sealed interface ConfigNode {
  /** The value for errors; all but scalars are cut short. */
  @Nullable String shown();

  /** Appends it as JSON, where scalars are what YAML takes them for. */
  void appendJson(StringBuilder json);

  /** Whether this is a scalar without a value, which means as much as no tree. */
  default boolean isNull() {
    return false;
  }

  /**
   * A scalar.
   *
   * @param value null: {@code null}, {@code ~} or nothing
   * @param literal YAML takes it for a number or a truth value, and JSON has the same
   */
  record Text(@Nullable String value, boolean literal) implements ConfigNode {
    private static final Pattern JSON_LITERAL =
        Pattern.compile("true|false|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    static Text of(ScalarNode node) {
      Tag tag = node.getTag();
      boolean literal = !tag.equals(Tag.STR) && JSON_LITERAL.matcher(node.getValue()).matches();
      return new Text(tag.equals(Tag.NULL) ? null : node.getValue(), literal);
    }

    @Override
    public void appendJson(StringBuilder json) {
      if (value == null || literal) {
        json.append(value);
      } else {
        appendString(json, value);
      }
    }

    @Override
    public @Nullable String shown() {
      return value;
    }

    @Override
    public boolean isNull() {
      return value == null;
    }
  }

  record Mapping(Map<String, ConfigNode> entries) implements ConfigNode {
    static final Mapping EMPTY = new Mapping(Map.of());

    @Override
    public void appendJson(StringBuilder json) {
      String before = "{";
      for (Map.Entry<String, ConfigNode> entry : entries.entrySet()) {
        appendString(json.append(before), entry.getKey());
        entry.getValue().appendJson(json.append(':'));
        before = ",";
      }
      json.append(entries.isEmpty() ? "{}" : "}");
    }

    @Override
    public String shown() {
      return "{...}";
    }
  }

  record Sequence(List<ConfigNode> items) implements ConfigNode {
    @Override
    public void appendJson(StringBuilder json) {
      String before = "[";
      for (ConfigNode item : items) {
        item.appendJson(json.append(before));
        before = ",";
      }
      json.append(items.isEmpty() ? "[]" : "]");
    }

    @Override
    public String shown() {
      return "[...]";
    }
  }

  private static void appendString(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ') {
        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        json.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    json.append('"');
  }

  /**
   * Reads the text of a YAML file, whose top is a mapping or nothing.
   *
   * @param file its name, for errors
   * @throws ConfigException if this is no YAML, a name is there twice, or it is over a limit
   */
  static Mapping parse(String file, String yaml) {
    LoadSettings settings = LoadSettings.builder().setLabel(file).build();
    try {
      Optional<Node> top = new Compose(settings).composeString(yaml);
      ConfigNode tree = top.map(new Reader(file)::tree).orElse(Mapping.EMPTY);
      if (tree instanceof Mapping mapping) {
        return mapping;
      }
      if (tree.isNull()) {
        return Mapping.EMPTY;
      }
      throw new ConfigException(file, "not a mapping", "must be lines of name: value");
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> " line " + (mark.getLine() + 1)).orElse("");
      throw new ConfigException(file + line, e.getProblem(), "must be YAML 1.2");
    } catch (YamlEngineException e) {
      throw new ConfigException(file, String.valueOf(e.getMessage()), "must be YAML 1.2");
    }
  }

  /** Anchors make a small file a large or even an endless tree, hence the limits. */
  final class Reader {
    private static final int DEPTH_MAX = 16;
    private static final int NODES_MAX = 100_000;

    private final String file;
    private int depth;
    private int nodes;

    private Reader(String file) {
      this.file = file;
    }

    private ConfigNode tree(Node node) {
      if (++nodes > NODES_MAX) {
        throw new ConfigException(file, "too large", "must be at most " + NODES_MAX + " values");
      }
      if (++depth > DEPTH_MAX) {
        throw new ConfigException(
            where(node), "too deep", "must be nested at most " + DEPTH_MAX + " deep");
      }
      ConfigNode tree = inside(node);
      depth--;
      return tree;
    }

    private ConfigNode inside(Node node) {
      if (node instanceof MappingNode mapping) {
        return mapping(mapping);
      }
      if (node instanceof SequenceNode sequence) {
        return new Sequence(sequence.getValue().stream().map(this::tree).toList());
      }
      if (node instanceof ScalarNode scalar) {
        return Text.of(scalar);
      }
      throw new ConfigException(where(node), node.getTag().toString(), "must be YAML");
    }

    private Mapping mapping(MappingNode node) {
      Map<String, ConfigNode> entries = new LinkedHashMap<>();
      for (NodeTuple entry : node.getValue()) {
        if (!(entry.getKeyNode() instanceof ScalarNode name)) {
          throw new ConfigException(where(node), "a name that is no text", "must be name: value");
        }
        if (entries.putIfAbsent(name.getValue(), tree(entry.getValueNode())) != null) {
          throw new ConfigException(where(name), name.getValue(), "must be there only once");
        }
      }
      return new Mapping(entries);
    }

    private String where(Node node) {
      return file + node.getStartMark().map(mark -> " line " + (mark.getLine() + 1)).orElse("");
    }
  }
}
