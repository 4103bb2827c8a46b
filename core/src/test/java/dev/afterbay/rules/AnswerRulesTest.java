package dev.afterbay.rules;

import static dev.afterbay.rules.RuleSamples.WALL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.Jobs.JobQuery;
import dev.afterbay.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which jobs an answer has, and how many bytes of them. */
class AnswerRulesTest {

  private static final Job JOB =
      RuleSamples.in(
          RuleSamples.sent(1, RuleSamples.message().session("s")), RuleSamples.failed().status());

  @Test
  void aQueryWithoutConditionsMeansEveryJob() {
    for (Job job : RuleSamples.inEveryState()) {
      assertThat(AnswerRules.matches(JobQuery.ALL, job)).isTrue();
    }
  }

  @Test
  void aJobIsMeantOnlyIfEachConditionHolds() {
    JobQuery all =
        JobQuery.ofQueue("q")
            .status(Status.Kind.FAILED)
            .type("note")
            .session("s")
            .createdAfter(WALL.minusMillis(1));
    assertThat(AnswerRules.matches(all, JOB)).isTrue();
    assertThat(AnswerRules.matches(all.queue("other"), JOB)).isFalse();
    assertThat(AnswerRules.matches(all.status(Status.Kind.DONE), JOB)).isFalse();
    assertThat(AnswerRules.matches(all.type("other"), JOB)).isFalse();
    assertThat(AnswerRules.matches(all.session("other"), JOB)).isFalse();
    assertThat(AnswerRules.matches(all, RuleSamples.failed())).as("of no session").isFalse();
    assertThat(AnswerRules.matches(all.createdAfter(WALL), JOB)).as("created then").isFalse();
  }

  @Test
  void queueAndStateCanBeAskedForAlone() {
    JobQuery query = JobQuery.ofQueue("q").status(Status.Kind.FAILED).type("other");
    assertThat(AnswerRules.isOfQueueAndState(query, JOB)).isTrue();
    assertThat(AnswerRules.isOfQueueAndState(query.queue("other"), JOB)).isFalse();
    assertThat(AnswerRules.isOfQueueAndState(query.status(Status.Kind.DONE), JOB)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    // jobs, their bytes, bytes of the next, limit, has room
    "0,   0, 500, 100, true", // the first job always, or it could never be had
    "1,  40,  60, 100, true",
    "1,  40,  61, 100, false",
    "1, 500,   1, 100, false",
    "1, 1, 9223372036854775807, 9223372036854775807, false",
    "1, 1, 9223372036854775806, 9223372036854775807, true",
  })
  void anAnswerHasAtMostSoManyBytesOrOneJob(
      int jobs, long bytes, long more, long max, boolean hasRoom) {
    assertThat(AnswerRules.hasRoom(jobs, bytes, more, max)).isEqualTo(hasRoom);
  }
}
