package dev.afterbay.bench;

import java.time.Duration;

/**
 * What a {@link BrokerClient} shall do.
 *
 * @param threads that each send one message, wait until it is durable, and send the next; means
 *     nothing for LATENCY
 */
record BrokerTask(Kind kind, String queue, int threads, Duration time) {

  /** What the threads do. */
  enum Kind {
    /** Send, and nobody receives. */
    SEND,
    /** Send, while others receive and settle, which is counted. */
    LIFECYCLE,
    /** {@link #LATENCY_PER_SECOND} are sent, each at its time; timed until they are delivered. */
    LATENCY
  }

  static final int LATENCY_PER_SECOND = 500;

  /** On one line, for {@link #parse}. */
  String line() {
    return String.join(
        " ", kind.name(), queue, Integer.toString(threads), Long.toString(time.toMillis()));
  }

  static BrokerTask parse(String line) {
    String[] fields = line.split(" ", -1);
    return new BrokerTask(
        Kind.valueOf(fields[0]),
        fields[1],
        Integer.parseInt(fields[2]),
        Duration.ofMillis(Long.parseLong(fields[3])));
  }
}
