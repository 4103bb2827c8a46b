package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.JobId;
import dev.afterbay.bench.Promises.Sending;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The checker must see what it is there for: each test breaks one promise, or none. */
class PromisesTest {

  private final Promises promises = new Promises(1);
  private final Map<Sending, JobId> ids = new HashMap<>();
  private long made;

  @Test
  void whatIsHandedOutAndSettledKeepsAllPromises() {
    Sending sending = confirmed("s");
    hand(sending, promises.now());
    done(sending);
    Sending next = confirmed("s");
    hand(next, promises.now());
    done(next);
    promises.finished();
    assertThat(promises.broken()).isEmpty();
  }

  @Test
  void aConfirmedMessageThatNeverCameIsLost() {
    confirmed(null);
    promises.finished();
    assertThat(promises.broken()).singleElement().asString().contains("lost");
  }

  @Test
  void aMessageThatWasHandedOutButNeverSettledIsLost() {
    hand(confirmed(null), promises.now());
    promises.finished();
    assertThat(promises.broken()).singleElement().asString().contains("lost");
  }

  @Test
  void aMessageOfWhichNobodyKnowsWhetherItIsStoredMayBeMissing() {
    promises.sending(null);
    promises.finished();
    assertThat(promises.broken()).isEmpty();
  }

  @Test
  void aMessageThatNobodySentIsInvented() {
    promises.delivered(id(), new byte[100], promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("never sent");
  }

  @Test
  void aMessageWithoutAReadableNumberIsInvented() {
    promises.delivered(id(), new byte[3], promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("never sent");
  }

  @Test
  void aMessageThatTheServerRefusedMustNotCome() {
    Sending sending = promises.sending(null);
    promises.refused(sending);
    promises.delivered(id(), sending.body(), promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("did not store");
  }

  @Test
  void aMessageMustNotHaveComeWhenTheServerRefusesIt() {
    Sending sending = promises.sending(null);
    hand(sending, promises.now());
    promises.refused(sending);
    assertThat(promises.broken()).singleElement().asString().contains("did not store");
  }

  @Test
  void aMessageWhoseSettleWasRefusedCanBeLost() {
    Sending sending = confirmed(null);
    hand(sending, promises.now());
    promises.doneSent(sending);
    promises.doneRefused(sending);
    promises.finished();
    assertThat(promises.broken()).singleElement().asString().contains("lost");
  }

  @Test
  void ofTwoSettlesOneMayBeRefused() {
    Sending sending = confirmed("s");
    Sending next = confirmed("s");
    hand(sending, promises.now());
    promises.doneSent(sending);
    hand(sending, promises.now());
    done(sending);
    promises.doneRefused(sending);
    hand(next, promises.now());
    done(next);
    promises.finished();
    assertThat(promises.broken()).isEmpty();
  }

  @Test
  void aSettleWithoutAnAnswerMayHoldOrNot() {
    Sending holds = confirmed(null);
    Sending comesAgain = confirmed(null);
    for (Sending sending : List.of(holds, comesAgain)) {
      hand(sending, promises.now());
      promises.doneSent(sending);
    }
    promises.rest();
    hand(comesAgain, promises.now());
    done(comesAgain);
    promises.finished();
    assertThat(promises.broken()).isEmpty();
  }

  @Test
  void aMessageThatCameAgainAfterASettleWithoutAnAnswerCanBeLost() {
    Sending sending = confirmed(null);
    hand(sending, promises.now());
    promises.doneSent(sending);
    promises.rest();
    hand(sending, promises.now());
    promises.finished();
    assertThat(promises.broken()).singleElement().asString().contains("lost");
  }

  @Test
  void whatIsOverIsStillKnownByItsNumber() {
    Sending done = confirmed("s");
    hand(done, promises.now());
    done(done);
    Sending refused = promises.sending(null);
    promises.refused(refused);
    promises.rest();
    hand(done, promises.now());
    hand(refused, promises.now());
    assertThat(promises.broken())
        .satisfiesExactly(
            how -> assertThat(how).contains("message 1 was delivered again"),
            how -> assertThat(how).contains("message 2 came", "did not store"));
  }

  @Test
  void aSessionGoesOnAfterWhatIsOver() {
    Sending first = confirmed("s");
    Sending second = confirmed("s");
    hand(first, promises.now());
    done(first);
    promises.rest();
    Sending third = confirmed("s");
    hand(second, promises.now());
    assertThat(promises.broken()).isEmpty();
    hand(third, promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("before").contains("done");
  }

  @Test
  void whatIsOverTakesNoRoom() {
    for (int i = 0; i < 1_000; i++) {
      Sending sending = confirmed("s");
      hand(sending, promises.now());
      done(sending);
      promises.refused(promises.sending(null));
    }
    confirmed("s");
    promises.rest();
    assertThat(promises.remembered()).isEqualTo(1);
  }

  @Test
  void theSameIsToldOnce() {
    promises.broken("this");
    promises.broken("this");
    assertThat(promises.broken()).containsExactly("this");
  }

  @Test
  void aBodyOfZerosIsInvented() {
    confirmed(null);
    promises.delivered(id(), new byte[100], promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("never sent");
  }

  @Test
  void aFlippedBitInABodyIsSeen() {
    Sending sending = promises.sending(null);
    JobId id = id();
    promises.confirmed(sending, id);
    byte[] body = sending.body();
    body[body.length - 1] ^= 1;
    promises.delivered(id, body, promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("another body");
  }

  @Test
  void aMessageUnderTwoJobIdsWasStoredTwice() {
    Sending sending = confirmed(null);
    promises.delivered(id(), sending.body(), promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("stored twice");
  }

  @Test
  void aMessageThatIsDoneMustNotComeAgain() {
    Sending sending = confirmed(null);
    hand(sending, promises.now());
    done(sending);
    hand(sending, promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("was delivered again");
  }

  @Test
  void whatWasAskedForBeforeItWasDoneMayBeLearntAfterwards() {
    Sending sending = confirmed(null);
    long asked = promises.now();
    hand(sending, asked);
    done(sending);
    hand(sending, asked);
    assertThat(promises.broken()).isEmpty();
  }

  @Test
  void aSessionMustNotSkipAMessageThatIsNotDone() {
    Sending first = confirmed("s");
    Sending second = confirmed("s");
    hand(first, promises.now());
    hand(second, promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("before").contains("done");
  }

  @Test
  void aSessionMustNotGoBack() {
    Sending first = confirmed("s");
    Sending second = confirmed("s");
    promises.doneSent(first);
    hand(second, promises.now());
    hand(first, promises.now());
    assertThat(promises.broken()).singleElement().asString().contains("came after");
  }

  @Test
  void sessionsAreIndependent() {
    confirmed("a");
    Sending other = confirmed("b");
    hand(other, promises.now());
    assertThat(promises.broken()).isEmpty();
  }

  @Test
  void anOldReceiptMustNotBeTaken() {
    Sending sending = confirmed(null);
    promises.oldReceipt(sending, false);
    assertThat(promises.broken()).isEmpty();
    promises.oldReceipt(sending, true);
    assertThat(promises.broken()).singleElement().asString().contains("receipt");
  }

  @Test
  void theLastMessageOfASessionIsSentAgainUntilItIsConfirmed() {
    assertThat(promises.unknown("s")).isNull();
    Sending sending = promises.sending("s");
    assertThat(promises.unknown("s")).isSameAs(sending);
    promises.confirmed(sending, id());
    assertThat(promises.unknown("s")).isNull();
  }

  private Sending confirmed(@Nullable String session) {
    Sending sending = promises.sending(session);
    promises.confirmed(sending, idOf(sending));
    return sending;
  }

  private void hand(Sending sending, long askedAt) {
    promises.delivered(idOf(sending), sending.body(), askedAt);
  }

  private void done(Sending sending) {
    promises.doneSent(sending);
    promises.done(sending);
  }

  private JobId idOf(Sending sending) {
    return ids.computeIfAbsent(sending, _ -> id());
  }

  private JobId id() {
    return new JobId(new UUID(0, made++));
  }
}
