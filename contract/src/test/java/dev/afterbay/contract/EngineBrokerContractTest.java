package dev.afterbay.contract;

import dev.afterbay.Broker;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Store;

class EngineBrokerContractTest extends BrokerContract {

  private final TestClock clock = new TestClock();
  private final Store store = MemoryStore.open(clock);

  @Override
  protected Broker open() {
    return Engine.open(store, Engine.Settings.standard().background(Runnable::run));
  }

  @Override
  protected TestClock clock() {
    return clock;
  }

  @Override
  protected void closed() {
    store.close();
  }
}
