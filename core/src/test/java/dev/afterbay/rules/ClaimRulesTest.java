package dev.afterbay.rules;

import static dev.afterbay.rules.RuleSamples.AT_MOST_ONCE;
import static dev.afterbay.rules.RuleSamples.NOW;
import static dev.afterbay.rules.RuleSamples.SETTINGS;
import static dev.afterbay.rules.RuleSamples.TICK;
import static dev.afterbay.rules.RuleSamples.WALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.Lease;
import dev.afterbay.Outcome;
import dev.afterbay.ReceiveOptions.Types;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is handed out, in which order, and how much of it: "Order" and transition 3 of model.md. */
class ClaimRulesTest {

  private static final Claim CLAIM =
      new Claim("q", "worker", 30_000, true, 10, Types.ALL, null, 1 << 20);

  @ParameterizedTest
  @CsvSource({
    "0, 9, 5, 1, -1", // a higher priority has a lower rank
    "5, 1, 0, 9,  1",
    "4, 1, 4, 2, -1",
    "4, 2, 4, 1,  1",
    "4, 2, 4, 2,  0",
    "-9223372036854775808, 1, 9223372036854775807, 1, -1",
  })
  void theLowestRankComesFirstAndThenWhatWasAcceptedFirst(
      long rank, long seq, long otherRank, long otherSeq, int order) {
    assertThat(Integer.signum(ClaimRules.compare(rank, seq, otherRank, otherSeq))).isEqualTo(order);
  }

  @Test
  void priorityNineComesFirstAndZeroLast() {
    List<Job> jobs = new ArrayList<>();
    for (int priority = 0; priority <= 9; priority++) {
      jobs.add(RuleSamples.sent(1, RuleSamples.message().priority(priority)).accepted(1));
    }
    List<Job> sorted = jobs.stream().sorted(ClaimRules::compare).toList();
    assertThat(sorted).isEqualTo(jobs.reversed());
  }

  @Test
  void aRetriedJobKeepsItsPlaceBeforeWhatWasAcceptedLater() {
    Job first = RuleSamples.sent(1).accepted(1);
    Lease lease = RuleSamples.lease(TICK + 1);
    Job claimed = RuleSamples.after(first, first.claimed(lease, NOW));
    Transition retry = claimed.settled(Outcome.retry("no"), SETTINGS, NOW, new SplittableRandom(1));
    Job retried = RuleSamples.after(claimed, retry);
    assertThat(retried.status()).isInstanceOf(Status.Pending.class);
    assertThat(ClaimRules.compare(retried, RuleSamples.sent(2).accepted(2))).isNegative();
  }

  @ParameterizedTest
  @CsvSource({
    // asked, max_unsettled, processing, most
    "10, 100,   0, 10",
    "10, 100,  90, 10",
    "10, 100,  91,  9",
    "10, 100, 100,  0",
    "10, 100, 200,  0", // the setting was lowered since
    " 0, 100,   0,  0",
  })
  void noMoreJobsAreHandedOutThanMayBeUnsettled(int asked, int max, long processing, int most) {
    assertThat(ClaimRules.most(asked, SETTINGS.unsettledMax(max), processing)).isEqualTo(most);
  }

  @Test
  void whatIsGoneAtOnceIsNotUnsettled() {
    assertThat(ClaimRules.most(10, AT_MOST_ONCE.unsettledMax(1), 1)).isEqualTo(10);
  }

  @Test
  void ofASessionOneJobIsHandedOutAtATimeAlsoWhereItIsGoneAtOnce() {
    Job ofSession = RuleSamples.sent(1, RuleSamples.message().session("s"));
    Job ofNone = RuleSamples.sent(1);
    assertThat(ClaimRules.endsClaim(ofSession, AT_MOST_ONCE)).isTrue();
    assertThat(ClaimRules.endsClaim(ofNone, AT_MOST_ONCE)).isFalse();
    // Its lease closes the session for all others.
    assertThat(ClaimRules.endsClaim(ofSession, SETTINGS)).isFalse();
  }

  @Test
  void aClaimLeasesTheJobForAsLongAsItAsksAndCountsAnAttempt() {
    Transition transition =
        ClaimRules.handedOut(RuleSamples.pending(), CLAIM, SETTINGS, RuleSamples.FENCE, NOW);
    Lease lease = new Lease("worker", RuleSamples.FENCE, WALL, TICK + 30_000, true);
    assertThat(transition.after().status()).isEqualTo(new Status.Processing(lease));
    assertThat(transition.after().attempts()).isEqualTo(2);
    assertThat(transition.after().version()).isEqualTo(6);
    assertThat(transition.event()).isEqualTo(Event.Type.LEASED);
  }

  @Test
  void anAtMostOnceJobIsGoneBeforeItIsHandedOut() {
    Transition transition =
        ClaimRules.handedOut(RuleSamples.pending(), CLAIM, AT_MOST_ONCE, RuleSamples.FENCE, NOW);
    assertThat(transition.after().status()).isEqualTo(new Status.Gone());
    assertThat(transition.after().attempts()).isEqualTo(2);
  }

  @Test
  void onlyAPendingJobIsHandedOutSoThatNoJobHasTwoLivingLeases() {
    for (Job job : RuleSamples.inEveryState()) {
      if (!(job.status() instanceof Status.Pending)) {
        for (var settings : List.of(SETTINGS, AT_MOST_ONCE)) {
          assertThatIllegalStateException()
              .isThrownBy(() -> ClaimRules.handedOut(job, CLAIM, settings, RuleSamples.FENCE, NOW))
              .withMessageStartingWith("cannot claim " + job.id());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "2, 1", "8388607, 1099511627775"})
  void aFenceIsItsEpochAndItsNumber(long epoch, long number) {
    long fence = ClaimRules.fence(epoch, number);
    assertThat(fence >>> 40).isEqualTo(epoch);
    assertThat(fence & ((1L << 40) - 1)).isEqualTo(number);
    assertThat(ClaimRules.epoch(new Lease("w", fence, WALL, TICK, false))).isEqualTo(epoch);
  }

  @Test
  void aFenceOfALaterEpochIsHigherThanAllOfEarlierOnes() {
    assertThat(ClaimRules.fence(2, 1)).isGreaterThan(ClaimRules.fence(1, (1L << 40) - 1));
  }
}
