package dev.afterbay.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * When an answer was made, as the header {@code Date} says it (RFC 9110, 6.6.1 and 5.6.7): one text
 * for all answers of a second. For all threads.
 */
final class DateHeader {
  /* Made by hand: a format of the JDK would load the names of a calendar in its language. */

  private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

  private static final String[] MONTHS = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  private final Supplier<Instant> clock;
  private volatile @Nullable Second last;

  private record Second(long second, CharSequence text) {}

  DateHeader(Supplier<Instant> clock) {
    this.clock = clock;
  }

  void addTo(HttpServerResponse response) {
    response.putHeader(HttpHeaders.DATE, text());
  }

  CharSequence text() {
    long now = clock.get().getEpochSecond();
    Second known = last;
    if (known == null || known.second != now) {
      known = new Second(now, HttpHeaders.createOptimized(text(now)));
      last = known;
    }
    return known.text;
  }

  private static String text(long second) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
    return DAYS[time.getDayOfWeek().getValue() - 1]
        + ", "
        + digits(time.getDayOfMonth(), 2)
        + " "
        + MONTHS[time.getMonthValue() - 1]
        + " "
        + digits(time.getYear(), 4)
        + " "
        + digits(time.getHour(), 2)
        + ":"
        + digits(time.getMinute(), 2)
        + ":"
        + digits(time.getSecond(), 2)
        + " GMT";
  }

  private static String digits(int number, int count) {
    String digits = Integer.toString(number);
    return "0".repeat(Math.max(0, count - digits.length())) + digits;
  }
}
