package dev.afterbay.server;

import dev.afterbay.worker.HandlerFactory;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The kinds of handlers that there are: all that are found, whoever wrote them. */
final class HandlerLoader {
  /** Of an entry that says nothing. */
  private static final String STANDARD = "http";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  private HandlerLoader() {}

  static HandlerFactory standard() {
    return named(STANDARD);
  }

  static HandlerFactory named(String name) {
    Map<String, HandlerFactory> kinds = all();
    HandlerFactory found = kinds.get(name);
    if (found == null) {
      throw new IllegalArgumentException("must be " + String.join(" or ", kinds.keySet()));
    }
    return found;
  }

  /** Looked for where an entry asks, for most servers have none, and the look costs a start. */
  private static Map<String, HandlerFactory> all() {
    Map<String, HandlerFactory> kinds = new TreeMap<>();
    for (HandlerFactory kind : found()) {
      requireName(kind);
      HandlerFactory other = kinds.put(kind.name(), kind);
      if (other != null) {
        throw new IllegalArgumentException(
            "is the name of two kinds, "
                + other.getClass().getName()
                + " and "
                + kind.getClass().getName()
                + ": take one of them off the class path");
      }
    }
    return kinds;
  }

  private static List<HandlerFactory> found() {
    try {
      return ServiceLoader.load(HandlerFactory.class).stream()
          .map(ServiceLoader.Provider::get)
          .toList();
    } catch (ServiceConfigurationError e) {
      throw new IllegalArgumentException("cannot be found: " + e.getMessage(), e);
    }
  }

  private static void requireName(HandlerFactory kind) {
    String name = kind.name();
    if (!NAME.matcher(name).matches() || WorkerReader.NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "cannot be found: "
              + kind.getClass().getName()
              + " has the name "
              + name
              + ", which must be of lower-case letters, digits and underscores, and none of "
              + String.join(", ", WorkerReader.NAMES));
    }
  }
}
