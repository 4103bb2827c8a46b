package dev.afterbay.bench;

import java.time.Duration;

/**
 * What a {@link LoadClient} shall do.
 *
 * @param target a queue; of SNS: the file with the requests
 * @param connections that each send the next request when the last was answered
 * @param batch messages to a request
 * @param items ends after so many
 * @param time ends after that, if that is earlier
 */
record Task(Kind kind, String target, int connections, int batch, long items, Duration time) {

  /** As long as it takes. */
  static final Duration FOREVER = Duration.ofHours(1);

  /** What is called. */
  enum Kind {
    /** The route for one message. */
    SEND,
    /** The route for one job. */
    JOB,
    /** The route for many messages. */
    BATCH,
    /** Receive, then settle what was received. */
    WORK,
    /** The SNS webhook. */
    SNS
  }

  /** On one line, for {@link #parse}. */
  String line() {
    return String.join(
        " ",
        kind.name(),
        target,
        Integer.toString(connections),
        Integer.toString(batch),
        Long.toString(items),
        Long.toString(time.toMillis()));
  }

  static Task parse(String line) {
    String[] fields = line.split(" ", -1);
    return new Task(
        Kind.valueOf(fields[0]),
        fields[1],
        Integer.parseInt(fields[2]),
        Integer.parseInt(fields[3]),
        Long.parseLong(fields[4]),
        Duration.ofMillis(Long.parseLong(fields[5])));
  }

  /**
   * What came of it.
   *
   * @param items messages sent or settled
   * @param seconds from the first request to the last answer
   * @param medianMillis of the requests, of WORK those that receive
   */
  record Result(long items, double seconds, double medianMillis, double p99Millis) {

    double perSecond() {
      return items / seconds;
    }

    String line() {
      return items + " " + seconds + " " + medianMillis + " " + p99Millis;
    }

    static Result parse(String line) {
      String[] fields = line.split(" ", -1);
      return new Result(
          Long.parseLong(fields[0]),
          Double.parseDouble(fields[1]),
          Double.parseDouble(fields[2]),
          Double.parseDouble(fields[3]));
    }
  }
}
