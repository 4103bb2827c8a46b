package dev.afterbay.handlers;

import dev.afterbay.Delivery;
import dev.afterbay.worker.PermanentFailure;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The variables that a program gets: a few of this process, those of the configuration, and those
 * of the job. The rest of this process, where secrets may be, is kept from it.
 */
final class CommandEnvironment {

  /** Of the job; nothing else may have such a name. */
  private static final String OURS = "AFTERBAY_";

  private static final String ATTRIBUTE = OURS + "ATTR_";
  private static final String JOB_ID = OURS + "JOB_ID";

  /** What says where and in which language a program runs. */
  private static final Set<String> KEPT =
      Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR");

  /** The standard one of POSIX systems, for a process that has none itself. */
  private static final String PATH = "/usr/local/bin:/usr/bin:/bin";

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Map<String, String> fixed = new TreeMap<>();

  CommandEnvironment(Map<String, String> configured, Map<String, String> process) {
    fixed.put("PATH", PATH);
    process.forEach((name, value) -> {
      if (KEPT.contains(name) || name.startsWith("LC_")) {
        fixed.put(name, value);
      }
    });
    fixed.putAll(configured);
  }

  /**
   * @throws PermanentFailure if an environment cannot hold the attributes
   */
  Map<String, String> of(Delivery delivery) throws PermanentFailure {
    Map<String, String> variables = new TreeMap<>(fixed);
    Map<String, String> from = new TreeMap<>();
    for (Map.Entry<String, String> each :
        new TreeMap<>(delivery.message().attributes()).entrySet()) {
      String name = variable(each.getKey());
      String other = from.put(name, each.getKey());
      if (other != null) {
        throw new PermanentFailure(
            "two attributes become the variable " + name + ": " + other + " and " + each.getKey());
      }
      if (each.getValue().indexOf(0) >= 0) {
        throw new PermanentFailure(
            "the attribute " + each.getKey() + " has a NUL, which no variable can hold");
      }
      variables.put(name, each.getValue());
    }
    variables.put(JOB_ID, delivery.job().id().toString());
    variables.put(OURS + "QUEUE", delivery.job().queue());
    variables.put(OURS + "TYPE", delivery.message().type());
    variables.put(OURS + "ATTEMPT", Integer.toString(delivery.attempt()));
    return variables;
  }

  /** What is in the environment of each process that a run started, unless it was taken out. */
  static String mark(Map<String, String> variables) {
    return JOB_ID + "=" + variables.get(JOB_ID);
  }

  static void check(Map<String, String> configured) {
    configured.forEach((name, value) -> {
      if (!NAME.matcher(name).matches() || name.startsWith(OURS)) {
        throw new IllegalArgumentException(
            "env must have names of letters, digits and _, not beginning with AFTERBAY_: " + name);
      }
      if (value.indexOf(0) >= 0) {
        throw new IllegalArgumentException("env must have values without NUL: " + name);
      }
    });
  }

  /** Upper case of ASCII, as a shell can use it: {@code content-type} becomes CONTENT_TYPE. */
  private static String variable(String attribute) {
    StringBuilder name = new StringBuilder(ATTRIBUTE);
    for (int i = 0; i < attribute.length(); i++) {
      char c = attribute.charAt(i);
      if (c >= 'a' && c <= 'z') {
        name.append((char) (c - 'a' + 'A'));
      } else {
        name.append((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_');
      }
    }
    return name.toString();
  }
}
