package dev.afterbay.contract;

import dev.afterbay.store.Clock;
import dev.afterbay.store.Store;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every {@link Store} must do, as far as it can be seen through the port. Subclass it for
 * yours; JUnit runs one new instance for each test.
 */
public abstract class StoreContract
    implements StoreCommits,
        StoreRepeats,
        StoreDepth,
        StoreClaims,
        StoreUnsettled,
        StoreNotes,
        StoreSessions,
        StoreSessionLeases,
        StoreTime,
        StoreKeys,
        StoreReadiness,
        StoreSettings,
        StoreListing,
        StoreBytes,
        StoreEvents,
        StoreRules {

  private static final long SEED = 1;

  private StoreUser user;

  /**
   * Opens the store of this test on the given clock. The first call finds it empty; a later one
   * finds what the store before it, closed since, has left.
   */
  protected abstract Store open(Clock clock) throws Exception;

  @BeforeEach
  final void openStore() {
    user = new StoreUser(this::opened, SEED);
  }

  @AfterEach
  final void closeStore() {
    user.store().close();
  }

  @Override
  public final StoreUser user() {
    return user;
  }

  private Store opened(Clock clock) {
    try {
      return open(clock);
    } catch (Exception e) {
      throw new IllegalStateException("the store cannot be opened", e);
    }
  }
}
