package dev.afterbay.contract;

import dev.afterbay.Broker;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/**
 * What every {@link Broker} must do, as its users see it. Subclass it for yours; JUnit runs one new
 * instance for each test. What a broker lacks by its {@link dev.afterbay.Limits} is skipped by
 * assumption, and so is what takes long where there is no test clock.
 */
public abstract class BrokerContract
    implements BrokerSends,
        BrokerReceives,
        BrokerSettles,
        BrokerNotes,
        BrokerReceipts,
        BrokerSessions,
        BrokerSessionStates,
        BrokerWaits,
        BrokerJobs,
        BrokerDeadLetters,
        BrokerQueues,
        BrokerSchedules,
        BrokerWatches,
        BrokerRules {

  private @Nullable BrokerUser user;

  /** Opens a broker that has no queues. Called once for each test, which closes it. */
  protected abstract Broker open() throws Exception;

  /** The clock that the broker runs on, at {@link TestClock#START}; null: it runs on a real one. */
  protected @Nullable TestClock clock() {
    return null;
  }

  /** Called after the broker of the test was closed. */
  protected void closed() throws Exception {}

  @BeforeEach
  final void openBroker(TestInfo test) throws Exception {
    user = new BrokerUser(open(), clock());
    if (test.getTestMethod().orElseThrow().getDeclaringClass() == BrokerSessions.class) {
      user.needsSessions();
    }
  }

  @AfterEach
  final void closeBroker() throws Exception {
    if (user != null) {
      user.broker.close();
    }
    closed();
  }

  @Override
  public final BrokerUser user() {
    return Objects.requireNonNull(user);
  }
}
