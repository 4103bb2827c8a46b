package dev.afterbay.server;

import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.client.wire.Words;
import dev.afterbay.http.TrustedProxies;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How scalars are written: each throws IllegalArgumentException or Rejected, saying what is
 * allowed.
 */
final class Parsers {
  /** Java's own parser takes 5d, 0x1p3, NaN and blanks, too. */
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,18}(\\.[0-9]{1,18})?");

  private static final Pattern QUANTITY = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]*)");
  private static final Pattern HOST_NAME =
      Pattern.compile("[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?|\\[[0-9a-f:.]{2,45}]");

  /** Of an IPv6 address: a network interface of this machine. */
  private static final Pattern ZONE = Pattern.compile("%[^\\]]+");

  private static final int PORT_MAX = 65_535;

  private static final String ADDRESS =
      "must be an address of this machine such as 127.0.0.1, 0.0.0.0, ::1 or a host name";

  private static final Map<String, Long> SIZE_UNITS =
      Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);

  private Parsers() {}

  /** {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d}, {@code PT30S}. */
  static Duration duration(String text) {
    return Durations.parse("a duration", text);
  }

  /** A duration other than 0. */
  static Duration positive(String text) {
    Duration duration = duration(text);
    if (duration.isZero()) {
      throw new IllegalArgumentException("must be longer than 0");
    }
    return duration;
  }

  /** {@code 64MiB}; without a unit: bytes. */
  static long size(String text) {
    Matcher quantity = QUANTITY.matcher(text);
    if (quantity.matches()) {
      long number = Long.parseLong(quantity.group(1));
      Long unit = SIZE_UNITS.get(quantity.group(2));
      if (unit != null && number <= Long.MAX_VALUE / unit) {
        return number * unit;
      }
    }
    throw new IllegalArgumentException("must be a size such as 512B, 64KiB, 1MiB or 2GiB");
  }

  /** Of the process. */
  static long memory(String text) {
    long size = size(text);
    if (size < ProcessMemory.TOTAL_MIN) {
      throw new IllegalArgumentException("must be at least 256MiB");
    }
    return size;
  }

  /** Of something that is sent. */
  static Function<String, Integer> sentSizeUpTo(int max) {
    return sentSize(max, "");
  }

  /** As {@link #sentSizeUpTo}, and a share of the heap. */
  static Function<String, Integer> sentSizeInHeapUpTo(int max) {
    long most = Math.min(max, Config.sendBytesMax());
    return sentSize(most, most < max ? ", a sixteenth of the heap: more needs more memory" : "");
  }

  private static Function<String, Integer> sentSize(long most, String why) {
    return text -> {
      long size = size(text);
      if (size < 1 || size > most) {
        throw new IllegalArgumentException("must be 1B to " + (most >> 20) + "MiB" + why);
      }
      return (int) size;
    };
  }

  static int port(String text) {
    return integer(0, PORT_MAX).apply(text);
  }

  static Function<String, Integer> integer(int min, int max) {
    return whole(min, max).andThen(Math::toIntExact);
  }

  static Function<String, Long> whole(long min, long max) {
    return text -> {
      if (text.matches("-?[0-9]{1,18}")) {
        long value = Long.parseLong(text);
        if (value >= min && value <= max) {
          return value;
        }
      }
      throw new IllegalArgumentException("must be a whole number, " + min + " to " + max);
    };
  }

  static double number(String text) {
    if (DECIMAL.matcher(text).matches()) {
      return Double.parseDouble(text);
    }
    throw new IllegalArgumentException("must be a decimal number such as 5 or 0.2");
  }

  static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  /** An address of this machine, or 0.0.0.0 or :: for all of them; as it was written. */
  static String host(String text) {
    try {
      if (!text.isBlank()) {
        InetAddress.getByName(text);
        return text;
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(ADDRESS, e);
    }
    throw new IllegalArgumentException(ADDRESS);
  }

  /** An address or a host name, of whatever machine. */
  static String hostForm(String text) {
    if (text.matches("[0-9.]+|.*:.*")) {
      try {
        var _ = InetAddress.ofLiteral(ZONE.matcher(text).replaceFirst(""));
        return text;
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(ADDRESS, e);
      }
    }
    if (text.matches("[^\\s/\\[\\]]+")) {
      return text;
    }
    throw new IllegalArgumentException(ADDRESS);
  }

  /** What stands in a Host header, without a port; in lower case. */
  static String hostName(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    if (HOST_NAME.matcher(name).matches()) {
      return name;
    }
    throw new IllegalArgumentException(
        "must be a name without scheme and port, such as queue.example");
  }

  /** An address or network of a proxy. */
  static String network(String text) {
    var _ = TrustedProxies.of(List.of(text));
    return text;
  }

  /** A folder, which need not be there. An empty one would be the working directory. */
  static Path folder(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("must be the path of a folder");
    }
    return Path.of(text);
  }

  static Path existingFolder(String text) {
    Path folder = folder(text);
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("must be a folder: there is none");
    }
    return folder;
  }

  /** A file, which is looked at later. */
  static Path file(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("must be the path of a file");
    }
    return Path.of(text);
  }

  /** Of a queue or a type, or of an SNS source. */
  static String name(String text) {
    return Message.requireName("a name", text);
  }

  /** The constants of an enum as people write them: {@code at-most-once}. */
  static <E extends Enum<E>> Function<String, E> oneOf(Class<E> type) {
    return text -> {
      E constant = Words.find(type, text);
      if (constant == null) {
        throw new IllegalArgumentException("must be one of " + Words.all(type, ", "));
      }
      return constant;
    };
  }

  /** How often a job is tried. */
  static int attempts(String text) {
    if (text.equals("unlimited")) {
      return QueueSettings.UNLIMITED;
    }
    try {
      return integer(1, Integer.MAX_VALUE).apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be a whole number from 1, or unlimited", e);
    }
  }
}
