package dev.afterbay.http;

import dev.afterbay.client.wire.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds the route of a path: a tree of its segments. */
final class Router {

  private final Node root = new Node();
  private final List<Route> routes = new ArrayList<>();

  /** The routes of some areas; a path of the others does not exist. */
  Router(List<Route> all, Set<Scope> areas) {
    for (Route route : all) {
      if (areas.contains(route.area())) {
        add(route);
      }
    }
  }

  List<Route> routes() {
    return List.copyOf(routes);
  }

  private void add(Route route) {
    Node node = root;
    for (String segment : segments(route.pattern())) {
      if (segment.startsWith("{")) {
        node.parameter = node.parameter == null ? new Node() : node.parameter;
        node = node.parameter;
      } else {
        node = node.literals.computeIfAbsent(segment, _ -> new Node());
      }
    }
    if (node.methods.put(route.method(), route) != null) {
      throw new IllegalStateException(route.method() + " " + route.pattern() + " is there twice");
    }
    routes.add(route);
  }

  /**
   * The place of a path.
   *
   * @param path still percent-encoded
   * @param parameters takes what stands where the pattern has braces, still encoded
   * @return null if there is none
   */
  @Nullable Place find(String path, List<String> parameters) {
    Node node = root;
    for (String segment : segments(path)) {
      Node next = node.literals.get(segment);
      if (next == null) {
        next = node.parameter;
        parameters.add(segment);
      }
      if (next == null || segment.isEmpty()) {
        return null;
      }
      node = next;
    }
    return node.methods.isEmpty() ? null : node.place;
  }

  /** What can be done at a path. */
  record Place(Map<String, Route> methods) {

    /** Null: not allowed. A HEAD is a GET whose body is not sent. */
    @Nullable Route route(String method) {
      return methods.get(method.equals("HEAD") ? "GET" : method);
    }

    /** The answer to another method, and to OPTIONS, which the paths of SNS have not. */
    Response notAllowed(String method) {
      Response answer =
          method.equals("OPTIONS") && !isOfSns()
              ? Response.empty(204)
              : Response.of(
                  Problem.of(
                      Problem.Type.METHOD_NOT_ALLOWED, "this path takes " + allowed() + " only"));
      return answer.header("Allow", allowed());
    }

    private String allowed() {
      List<String> allowed = new ArrayList<>(methods.keySet());
      if (allowed.contains("GET")) {
        allowed.add("HEAD");
      }
      if (!isOfSns()) {
        allowed.add("OPTIONS");
      }
      return String.join(", ", allowed);
    }

    private boolean isOfSns() {
      return methods.values().stream().anyMatch(route -> route.area() == Scope.SNS);
    }
  }

  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>();
    if (path.length() > 1) {
      int from = 1;
      for (int at = path.indexOf('/', 1); at >= 0; at = path.indexOf('/', from)) {
        segments.add(path.substring(from, at));
        from = at + 1;
      }
      segments.add(path.substring(from));
    }
    return segments;
  }

  private static final class Node {
    private final Map<String, Node> literals = new HashMap<>();
    private final Map<String, Route> methods = new TreeMap<>();
    private final Place place = new Place(methods);
    private @Nullable Node parameter;
  }
}
