package dev.afterbay.server;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Scalars that were given other than by the file: by an option, else by an environment variable.
 *
 * <p>{@code AFTERBAY_SHUTDOWN_GRACE} may mean {@code shutdown_grace} or {@code shutdown.grace}, so
 * variables are not turned into names: whoever reads a name asks whether there is a variable for
 * it, and what nobody asked for in the end is unknown.
 */
final class Overrides {
  private static final Logger LOG = System.getLogger(Overrides.class.getName());

  /** By which platforms that run programs say where theirs is to listen. */
  static final String PLATFORM_PORT = "PORT";

  /** What kind of machine this is. */
  static final String PROFILE = "AFTERBAY_PROFILE";

  private static final String PREFIX = "AFTERBAY_";

  /**
   * What Kubernetes sets in every container for a service called {@code afterbay} or {@code
   * afterbay-...}, and Docker for a container of that name that is linked to, as {@code
   * NAME=value}. The value counts, too: {@code AFTERBAY_HTTP_PORT} is ours unless it has the form
   * of a link. Docker hands on all variables of that container, as {@code ..._ENV_...}; some ports
   * in a row are one link with a start and an end.
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "(?s)AFTERBAY(_[A-Z0-9_.]+)?_(" // the service
              + "SERVICE_HOST=[0-9A-Fa-f:.]{2,45}"
              + "|SERVICE_PORT(_[A-Z0-9_]+)?=[0-9]{1,5}"
              + "|PORT(_[0-9]{1,5}_(TCP|UDP|SCTP)(_START|_END)?)?"
              + "=(tcp|udp|sctp)://([0-9.]{7,15}|\\[[0-9A-Fa-f:.]{2,45}]):[0-9]{1,5}"
              + "|PORT_[0-9]{1,5}_(TCP|UDP|SCTP)_("
              + "PROTO=(tcp|udp|sctp)|PORT(_START|_END)?=[0-9]{1,5}|ADDR=[0-9A-Fa-f:.]{2,45})"
              + "|NAME=/[^/]+/[^/]+"
              + "|ENV_[^=]+=.*)");

  /** No settings: the launcher's, and {@link #isSmall}. */
  private static final Set<String> OTHERS =
      Set.of("AFTERBAY_JAVA_OPTS", "AFTERBAY_JAVA_HOME", PROFILE);

  /** By name; of several the last one counts. */
  private final Map<String, List<Given>> options;

  /** By variable. */
  private final Map<String, Given> variables = new LinkedHashMap<>();

  private final @Nullable String platformPort;
  private final String profile;
  private final Set<String> links = new TreeSet<>();
  private final Set<String> asked = new TreeSet<>();
  private final Set<String> used = new LinkedHashSet<>();

  /**
   * A value and how it was given.
   *
   * @param source the option or the variable
   */
  record Given(String source, String value) {

    /** What it is for errors, given its name. */
    String at(String name) {
      return name + " (" + source + ")";
    }

    /** Null: the default is asked for. */
    @Nullable String text() {
      return value.equals("null") ? null : value;
    }
  }

  /**
   * @param environment all of it; an empty variable counts as unset
   * @param options by name, the weakest first
   */
  Overrides(Map<String, String> environment, Map<String, List<Given>> options) {
    this.options = Map.copyOf(options);
    String port = environment.getOrDefault(PLATFORM_PORT, "");
    platformPort = port.isEmpty() ? null : port;
    profile = environment.getOrDefault(PROFILE, "");
    environment.forEach((variable, value) -> {
      if (!variable.startsWith(PREFIX) || OTHERS.contains(variable) || value.isEmpty()) {
        return;
      }
      if (SERVICE_LINK.matcher(variable + "=" + value).matches()) {
        links.add(variable);
      } else {
        variables.put(variable, new Given(variable, value));
      }
    });
  }

  /** All that was given for a name, the weakest first: the last one counts. */
  List<Given> find(String name) {
    asked.add(name);
    String variable = PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_');
    List<Given> given = new ArrayList<>();
    if (variables.containsKey(variable)) {
      used.add(variable);
      given.add(variables.get(variable));
    }
    given.addAll(options.getOrDefault(name, List.of()));
    return given;
  }

  /**
   * To be called when all was read.
   *
   * @throws ConfigException if something was given that nobody asked for
   */
  void end() {
    List<String> allowed = asked.stream().toList();
    options.forEach((name, given) -> {
      if (!asked.contains(name)) {
        throw new ConfigException(
            given.getLast().source() + " " + name,
            given.getLast().value(),
            "unknown name; allowed: " + String.join(", ", allowed));
      }
    });
    variables.forEach((variable, given) -> {
      if (!used.contains(variable)) {
        throw new ConfigException(
            variable,
            given.value(),
            "unknown variable; allowed: AFTERBAY_ and one of "
                + String.join(", ", allowed).toUpperCase(Locale.ROOT).replace('.', '_'));
      }
    });
    if (!links.isEmpty()) {
      LOG.log(
          Level.INFO,
          "passed over variables that Kubernetes or Docker sets for a service: "
              + String.join(", ", links));
    }
  }

  /** The value of {@link #PLATFORM_PORT}; null: it is not set. */
  @Nullable String platformPort() {
    return platformPort;
  }

  /**
   * Whether the machine is a small one, as {@link #PROFILE} says; the launcher asks the same.
   *
   * @throws ConfigException if it says something else
   */
  boolean isSmall() {
    if (!profile.isEmpty() && !profile.equals("small")) {
      throw new ConfigException(PROFILE, profile, "must be small, or not set");
    }
    return !profile.isEmpty();
  }

  /** Variables that are a platform's and not ours, by their form. */
  Set<String> links() {
    return links;
  }
}
