package dev.afterbay.client;

import dev.afterbay.Broker;
import java.net.URI;
import java.util.Set;

/** Opens an {@link HttpBroker}: {@link Broker#connect}. */
public final class HttpProvider implements Broker.Provider {

  /** For the ServiceLoader. */
  public HttpProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("http", "https");
  }

  @Override
  public Broker open(URI address) {
    return HttpBroker.of(address);
  }
}
