package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.contract.BrokerContract;
import dev.afterbay.contract.TestClock;
import org.jspecify.annotations.Nullable;

/** The tests that the engine passes, through the wire. */
final class HttpBrokerTest extends BrokerContract {

  private final TestClock clock = new TestClock();
  private @Nullable Served served;

  @Override
  protected Broker open() {
    served = Served.on(clock);
    return served.broker();
  }

  @Override
  protected TestClock clock() {
    return clock;
  }

  @Override
  protected void closed() {
    if (served != null) {
      served.close();
    }
  }

  /** Each of them is a connection. */
  @Override
  public int waiters() {
    return 300;
  }
}
