package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers of a request, each read in one way wherever it is looked at. */
final class Headers {

  private Headers() {}

  /** The only header of that name, as UTF-8; null: there is none. */
  static @Nullable String only(MultiMap headers, String name) {
    List<String> values = headers.getAll(name);
    if (values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw twice(name);
    }
    return utf8(name, values.getFirst());
  }

  /** All headers of a name that has a list, as if they were one (RFC 9110, 5.3); null: none. */
  static @Nullable String list(MultiMap headers, String name) {
    List<String> values = headers.getAll(name);
    return values.isEmpty() ? null : String.join(", ", values);
  }

  static Rejected twice(String name) {
    return new Rejected(name, "header " + name + " is given twice");
  }

  /** Headers come as ISO 8859-1 characters, and are meant as UTF-8. */
  static String utf8(String name, String value) {
    boolean ascii = true;
    for (int i = 0; i < value.length(); i++) {
      ascii &= value.charAt(i) < 128;
    }
    if (ascii) {
      return value;
    }
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    if (!Json.isUtf8(bytes, 0, bytes.length)) {
      throw new Rejected(name, "header " + name + " is not UTF-8");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
