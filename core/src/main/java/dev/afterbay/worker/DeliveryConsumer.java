package dev.afterbay.worker;

import dev.afterbay.Delivery;

/** As {@link Handler}, where a job is done when it returns. */
@FunctionalInterface
public interface DeliveryConsumer {

  /** Works on a delivery. To throw is to ask for another attempt, as {@link Handler#handle}. */
  void accept(Delivery delivery) throws Exception;
}
