package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Outcome;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The key that makes a second message the same one (model.md, transition 2). */
interface StoreKeys {

  StoreUser user();

  @Test
  default void aSecondMessageWithTheKeyIsTheFirstOne() {
    JobId first = user().send(message().key("k"));
    assertThat(user().send(message().key("k"))).isEqualTo(first);
    assertThat(user().send(message().key("K"))).isNotEqualTo(first);
    assertThat(user().store().stats(QUEUE).depth()).isEqualTo(2);
    assertThat(user().list(Jobs.JobQuery.ALL, 10)).hasSize(2);
  }

  @Test
  default void aKeyIsTakenWithinOneCommitToo() {
    Job first = user().created(QUEUE, message().key("k"));
    Job second = user().created(QUEUE, message().key("k"));
    List<Change> changes = List.of(user().append(first), user().append(second));
    assertThat(user().done(Commit.synced(changes)).ids()).containsExactly(first.id(), first.id());
    assertThat(user().find(second.id())).isEmpty();
  }

  @Test
  default void aKeyIsOfOneQueue() {
    JobId first = user().send(message().key("k"));
    assertThat(user().send("other", message().key("k"))).isNotEqualTo(first);
  }

  @Test
  default void aKeyOutlivesItsJobAndAReopening() {
    JobId first = user().send(message().key("k"));
    user().settle(user().claimed(), Outcome.done());
    assertThat(user().find(first)).isEmpty();
    assertThat(user().send(message().key("k"))).isEqualTo(first);
    user().reopen();
    assertThat(user().send(message().key("k"))).isEqualTo(first);
    assertThat(user().store().stats(QUEUE).depth()).isZero();
  }

  @Test
  default void aKeyIsForgottenWhenItsWindowEnds() {
    JobId first = user().send(message().key("k", Duration.ofSeconds(10)));
    user().advance(Duration.ofMillis(9_999));
    assertThat(user().send(message().key("k", Duration.ofSeconds(10)))).isEqualTo(first);
    user().advance(Duration.ofMillis(1));
    JobId second = user().send(message().key("k", Duration.ofSeconds(10)));
    assertThat(second).isNotEqualTo(first);

    user().advance(Duration.ofMillis(9_999));
    assertThat(user().send(message().key("k"))).isEqualTo(second);
  }

  @Test
  default void aWindowIsOfTheCalendar() {
    JobId first = user().send(message().key("k", Duration.ofHours(1)));
    user().store().close();
    user().advance(Duration.ofMinutes(59));
    user().reopen();
    assertThat(user().send(message().key("k", Duration.ofHours(1)))).isEqualTo(first);
    user().time.setWall(TestClock.START.plus(Duration.ofHours(2)));
    assertThat(user().send(message().key("k"))).isNotEqualTo(first);
  }

  @Test
  default void aWindowThatWasShortenedToNothingRemembersNothing() {
    JobId first = user().send(message().key("k", Duration.ZERO));
    assertThat(user().send(message().key("k", Duration.ZERO))).isNotEqualTo(first);
  }

  @Test
  default void aKnownMessageDoesNotDisturbTheJob() {
    user().send(message().key("k"));
    Job claimed = user().claimed();
    user().send(message().key("k"));
    assertThat(user().job(claimed.id())).isEqualTo(claimed);
    user().claimsNothing();
  }
}
