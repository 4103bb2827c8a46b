package dev.afterbay;

import java.net.URI;
import java.util.Set;

/**
 * Opens the brokers of a module: those of {@link Broker#onDisk} and {@link Broker#connect}, found
 * by {@link java.util.ServiceLoader}. For who writes such a module; users call {@link Broker}.
 */
public interface BrokerProvider {

  /** The schemes of the addresses that it opens, in lower case, such as {@code file}. */
  Set<String> schemes();

  /**
   * Opens a broker with the standard settings. Closing it closes all that was opened for it.
   *
   * @param address has one of the {@link #schemes()}
   * @throws IllegalArgumentException if there can be no broker at that address
   */
  Broker open(URI address);
}
