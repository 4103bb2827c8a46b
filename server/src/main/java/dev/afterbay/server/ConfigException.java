package dev.afterbay.server;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The configuration is not what it must be: one line that says name, value, what is allowed. */
final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int VALUE_CHARS_MAX = 200;

  /** A {@code ..._file} names a file, which is no secret. */
  private static final Pattern SECRET =
      Pattern.compile("(secret|password)(?!_file)", Pattern.CASE_INSENSITIVE);

  /**
   * @param name as in the YAML file, such as {@code http.port}, or the option or file it is about
   * @param value what was given; hidden if the name is that of a secret
   * @param allowed what is allowed instead, such as {@code must be 0 to 65535}
   */
  ConfigException(String name, @Nullable String value, String allowed) {
    super(oneLine(name + ": " + shown(name, value) + ": " + withoutSecrets(allowed)));
  }

  private static String shown(String name, @Nullable String value) {
    if (value == null) {
      return "null";
    }
    if (SECRET.matcher(name).find()) {
      return "(hidden)";
    }
    String shown = withoutSecrets(value);
    return shown.length() <= VALUE_CHARS_MAX ? shown : shown.substring(0, VALUE_CHARS_MAX) + "...";
  }

  /** Of URLs the user with its password, and the query, which may have a token. */
  private static String withoutSecrets(String text) {
    return text.replaceAll("(?s)://.*@", "://(hidden)@")
        .replaceAll("(?s)(://[^?]*)\\?.*", "$1?(hidden)");
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\R", "\\\\n").replaceAll("\\p{Cntrl}", "?");
  }
}
