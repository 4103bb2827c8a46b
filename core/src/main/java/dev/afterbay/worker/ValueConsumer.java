package dev.afterbay.worker;

import dev.afterbay.Delivery;

/** As {@link DeliveryConsumer}, for bodies that are values of one type. */
@FunctionalInterface
public interface ValueConsumer<T> {

  /** Works on a value. To throw is to ask for another attempt, as {@link Handler#handle}. */
  void accept(T value, Delivery delivery) throws Exception;
}
