package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.client.wire.WholeNumbers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The query parameters of a request: none unknown, none twice. */
final class Query {

  private static final Query NONE = new Query(Map.of());

  private final Map<String, String> values;

  private Query(Map<String, String> values) {
    this.values = values;
  }

  /**
   * @param raw what follows the question mark; null: nothing
   * @throws Rejected if a parameter is not among {@code known}, or there twice
   */
  static Query parse(@Nullable String raw, Set<String> known) {
    if (raw == null || raw.isEmpty()) {
      return NONE;
    }
    Map<String, String> values = new HashMap<>();
    for (String pair : raw.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (!known.contains(name)) {
        throw new Rejected(name, "unknown query parameter " + name);
      }
      if (value.isEmpty()) {
        // It is there (RFC 3986, 3.4), and no parameter of ours has a value that is empty.
        throw new Rejected(name, "query parameter " + name + " is empty: leave it out or give it");
      }
      if (values.put(name, value) != null) {
        throw new Rejected(name, "query parameter " + name + " is given twice");
      }
    }
    return new Query(values);
  }

  /** A segment of a path, decoded. */
  static String segment(String raw) {
    return raw.indexOf('%') < 0 ? raw : decode(raw.replace("+", "%2B"));
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new Rejected("url", "the address has a broken percent-encoding", e);
    }
  }

  /** Null: not given. */
  @Nullable String text(String name) {
    return values.get(name);
  }

  int integer(String name, int standard, int min, int max) {
    String value = text(name);
    if (value == null) {
      return standard;
    }
    try {
      long number = WholeNumbers.parse(value);
      if (number >= min && number <= max) {
        return (int) number;
      }
    } catch (NumberFormatException e) {
      throw new Rejected(name, name + " must be " + min + " to " + max, e);
    }
    throw new Rejected(name, name + " must be " + min + " to " + max);
  }

  boolean flag(String name) {
    return switch (text(name)) {
      case null -> false;
      case "true" -> true;
      case "false" -> false;
      default -> throw new Rejected(name, name + " must be true or false");
    };
  }
}
