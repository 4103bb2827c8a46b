package dev.afterbay.worker;

import dev.afterbay.Delivery;
import dev.afterbay.Outcome;

/** As {@link Handler}, for bodies that are values of one type. */
@FunctionalInterface
public interface TypedHandler<T> {

  /** Does the work; to throw is to ask for another attempt, see {@link Handler#handle}. */
  Outcome handle(T value, Delivery delivery) throws Exception;
}
