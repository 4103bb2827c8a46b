package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.store.Store;
import dev.afterbay.store.StoreHealth;
import org.junit.jupiter.api.Test;

/** Whether a store can do its work ({@link Store#health}). */
interface StoreReadiness {

  StoreUser user();

  @Test
  default void aStoreThatDoesAllOfItsWorkIsReadyAndGivesNoReason() {
    StoreHealth health = user().store().health();
    assertThat(health.live()).isTrue();
    assertThat(health.ready()).isTrue();
    assertThat(health.reasons()).isEmpty();
    if (health.roomBytes() != null) {
      assertThat(health.roomBytes()).isPositive();
    }
  }

  @Test
  default void aClosedStoreSaysSoAndThrowsNothing() {
    Store closed = user().store();
    user().reopen();
    assertThat(closed.health().live()).isFalse();
    assertThat(closed.health().ready()).isFalse();
    assertThat(closed.health().reasons()).singleElement().asString().contains("closed");
    assertThat(user().store().health().ready()).isTrue();
  }
}
