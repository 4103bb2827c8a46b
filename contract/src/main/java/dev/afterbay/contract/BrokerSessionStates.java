package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.LATE;
import static dev.afterbay.contract.BrokerUser.message;
import static dev.afterbay.contract.BrokerUser.sessionLost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.BrokerException;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the consumers of a session leave for each other. */
interface BrokerSessionStates {

  BrokerUser user();

  @Test
  default void whatAConsumerLeavesIsThereForTheNextOne() {
    Session first = session("a");
    assertThat(first.state()).isEmpty();
    first.state(new byte[] {1});
    first.state(new byte[] {0, -1, 2});
    assertThat(first.state()).contains(new byte[] {0, -1, 2});
    first.close();
    Session second = session("a");
    assertThat(second.state()).contains(new byte[] {0, -1, 2});
    second.state(new byte[0]);
    assertThat(second.state()).contains(new byte[0]);
    second.state(null);
    assertThat(second.state()).isEmpty();
    second.state(null);
  }

  @Test
  default void eachSessionHasAStateOfItsOwn() {
    session("a").state(new byte[] {1});
    Session other = session("b \u00e9");
    assertThat(other.state()).isEmpty();
    other.state(new byte[] {2});
    assertThat(user().queue().session(other.token(), ReceiveOptions.STANDARD).state())
        .contains(new byte[] {2});
  }

  @Test
  default void whoHasLostTheSessionChangesNothing() {
    Session old = session("a");
    old.state(new byte[] {1});
    old.close();
    Session now = session("a");
    sessionLost(() -> old.state(new byte[] {2}));
    sessionLost(old::state);
    sessionLost(() -> old.state(null));
    assertThat(now.state()).contains(new byte[] {1});
  }

  @Test
  default void aStateThatIsSetKeepsTheSession() {
    user().clock();
    Session session = session("a");
    Duration most = Duration.ofSeconds(29);
    user().pass(most);
    session.state(new byte[1]);
    user().pass(most);
    assertThat(session.state()).isPresent();
    user().pass(Duration.ofSeconds(1).plus(LATE));
    sessionLost(session::state);
  }

  @Test
  default void aLargeStateIsRefused() {
    Session session = session("a");
    byte[] most = new byte[Session.STATE_BYTES_MAX];
    session.state(most);
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .isThrownBy(() -> session.state(new byte[Session.STATE_BYTES_MAX + 1]));
    assertThat(session.state()).contains(most);
  }

  @Test
  default void aStateGoesWithItsQueue() {
    Session session = session("a");
    session.state(new byte[] {1});
    session.close();
    user().admin().delete(true);
    assertThat(session("a").state()).isEmpty();
  }

  private Session session(String name) {
    user().needsSessions();
    user().send(message().session(name));
    return user().session(name);
  }
}
