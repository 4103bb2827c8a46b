package dev.afterbay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes deliveries from a queue and owns them until they are settled or detached.
 *
 * <p>An endpoint opens one receiver per connection, so that a lost connection is one call to {@link
 * #close()}.
 */
public interface Receiver extends AutoCloseable {

  /** Most deliveries of one call. */
  int RECEIVE_MAX = 1_000;

  /**
   * Waits until there is at least one message or {@code wait} is over.
   *
   * @param max 1 to {@value #RECEIVE_MAX}; fewer come than there are where all would have more
   *     bytes than {@link ReceiveOptions#room}
   * @param wait zero: looks once
   * @throws InterruptedException having taken nothing
   * @return at most {@code max}; empty when the wait is over or {@link #close()} was called
   */
  default List<Delivery> receive(int max, Duration wait) throws InterruptedException {
    return receive(max, wait, ReceiveOptions.Types.ALL);
  }

  /** As {@link #receive(int, Duration)}, leaving types alone that cannot be handled now. */
  List<Delivery> receive(int max, Duration wait, ReceiveOptions.Types types)
      throws InterruptedException;

  /**
   * Renews deliveries of this receiver, in as few trips to the broker as it can.
   *
   * @return for each in order what went wrong, or empty; as {@link Delivery#renew}
   */
  default List<Optional<BrokerException>> renewAll(List<Delivery> deliveries) {
    List<Optional<BrokerException>> results = new ArrayList<>(deliveries.size());
    for (Delivery delivery : deliveries) {
      try {
        delivery.renew();
        results.add(Optional.empty());
      } catch (BrokerException e) {
        results.add(Optional.of(e));
      }
    }
    return results;
  }

  /** Settles every delivery that is still open with {@link Outcome.Release}. */
  @Override
  void close();
}
