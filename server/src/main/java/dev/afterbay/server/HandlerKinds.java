package dev.afterbay.server;

import dev.afterbay.worker.HandlerFactory;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The kinds of handlers that there are: all that are found, whoever wrote them. */
final class HandlerKinds {
  /** Of an entry that says nothing. */
  private static final String STANDARD = "http";

  private HandlerKinds() {}

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
    for (HandlerFactory kind : ServiceLoader.load(HandlerFactory.class)) {
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
}
