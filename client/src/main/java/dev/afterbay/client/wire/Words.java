package dev.afterbay.client.wire;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The constants of an enum as people write them: {@code at-least-once}. */
public final class Words {

  private Words() {}

  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Null if there is no such constant. */
  public static <E extends Enum<E>> @Nullable E find(Class<E> type, String word) {
    for (E constant : type.getEnumConstants()) {
      if (of(constant).equals(word)) {
        return constant;
      }
    }
    return null;
  }

  /** All of them, for errors, such as {@code priority or fifo}. */
  public static String all(Class<? extends Enum<?>> type, String between) {
    return Stream.of(type.getEnumConstants()).map(Words::of).collect(Collectors.joining(between));
  }
}
