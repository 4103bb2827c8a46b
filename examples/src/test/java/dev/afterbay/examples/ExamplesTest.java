package dev.afterbay.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every example runs, and prints what its reader is told to expect. */
@Timeout(30)
final class ExamplesTest {
  @Test
  void messagesAreSentAndWorkedOn(@TempDir Path folder) throws Exception {
    assertThat(output(SendAndWork::main, folder.toString()))
        .isEqualTo(
            """
            Hello, Ada
            Hello, Grace
            Hello, Edsger
            left: 0
            """);
  }

  @Test
  void aQueueOfRecordsTravelsAsJson() throws Exception {
    assertThat(output(TypedQueueWithJson::main))
        .isEqualTo(
            """
            ships 2 x teapot from {"item":"teapot","count":2}
            failed: 1
            """);
  }

  @Test
  void aSessionKeepsItsOrder() throws Exception {
    assertThat(output(SessionsInOrder::main))
        .isEqualTo(
            """
            ada: open deposit close
            grace: open deposit close
            """);
  }

  @Test
  void messagesComeWhenTheyAreDue() throws Exception {
    assertThat(output(DelayedAndScheduled::main))
        .isEqualTo(
            """
            1 due, 2 scheduled
            now
            at a time 200 ms from now
            in 400 ms
            """);
  }

  @Test
  void aScheduleSendsJobsByItself() throws Exception {
    assertThat(output(JobsByTheClock::main))
        .isEqualTo(
            """
            in the night of 29 March the clock goes from 2 to 3:
              2026-03-28T02:30
              2026-03-29T03:00
              2026-03-30T02:30
            ping 1
            ping 2
            ping 3
            paused: true
            """);
  }

  @Test
  void aKeyMakesSendingSafeToRepeat() throws Exception {
    assertThat(output(DedupKey::main))
        .isEqualTo(
            """
            first: known before? false
            again: known before? true
            the same job: true
            pending: 1
            """);
  }

  @Test
  void deadLettersAreCountedAndReceived() throws Exception {
    assertThat(output(SortDeadLetters::main))
        .isEqualTo(
            """
            3 x no user # in "*"
            in no group: 2
            pending again: 2
            dead letters: 0
            """);
  }

  @Test
  void whatIsFailedCanBeRedriven() throws Exception {
    assertThat(output(DeadLettersAndRedrive::main))
        .isEqualTo(
            """
            failed, max attempts: mail server is down
              attempt: Retry[reason=mail server is down, delay=PT0S]
              attempt: Retry[reason=mail server is down, delay=PT0S]
            redriven: 1
            failed: 0
            """);
  }

  @Test
  void whatMustNeverHappenTwiceIsRemovedBeforeItIsHandedOut() throws Exception {
    assertThat(output(AtMostOnce::main))
        .isEqualTo(
            """
            at most once: rings the bell
              to be delivered again: 0
            at least once: rings the bell
              to be delivered again: 1
            """);
  }

  @Test
  void aTargetInTroubleIsLeftAlone() throws Exception {
    assertThat(output(CircuitBreaker::main))
        .isEqualTo(
            """
            breaker-opened
            breaker-half-open
            breaker-closed
            calls that failed: 2
            """);
  }

  @Test
  void anAttemptGoesOnFromTheCheckpointOfTheOneBefore() throws Exception {
    assertThat(output(ProgressAndCheckpoint::main))
        .isEqualTo(
            """
            attempt 1 prints page 1
            attempt 1 prints page 2
            attempt 2 prints page 3
            attempt 2 prints page 4
            done: 4 of 4, a book of 4 pages
            attempt 1: paper jam
            """);
  }

  @Test
  void aCallThatFailsForNowIsMadeAgain() throws Exception {
    assertThat(output(RetryCalls::main))
        .isEqualTo(
            """
            transient: true
            sent two
            sent three
            not called again, for type is wrong
            """);
  }

  @Test
  void aCopyBelongsToWhatItsMessageBelongsTo() throws Exception {
    assertThat(output(CorrelateAndForward::main))
        .isEqualTo(
            """
            two teapots of acme
            key: null
            request-17: orders enqueued
            request-17: orders leased
            request-17: audit enqueued
            request-17: orders done
            request-17: audit leased
            """);
  }

  @Test
  void aSessionIsChosenByWhatIsInAMessage() throws Exception {
    assertThat(output(SessionsByKey::main))
        .isEqualTo(
            """
            c-7: {"customer":{"id":7}}
            c-8: {"customer":{"id":8}}
            acme: {}
            """);
  }

  @Test
  void deadLettersAreReceivedLikeMessages() throws Exception {
    assertThat(output(WorkOnDeadLetters::main))
        .isEqualTo(
            """
            3 x no customer #
            order 1 is removed
            order 2 goes back
            order 3 is removed
            pending: 1
            failed: 0
            """);
  }

  @Test
  void aServerIsUsedLikeAnEngine() throws Exception {
    assertThat(output(ReceiveOverHttp::main))
        .isEqualTo(
            """
            attempt 1: two teapots
            attempt 2: two teapots
            left: 0
            """);
  }

  @Test
  void aProgramRunsForEachJob(@TempDir Path folder) throws Exception {
    assertThat(output(RunCommand::main, folder.toString()))
        .isEqualTo(
            """
            enqueued
            leased
            done
            the order has 8 bytes
            """);
  }

  @Test
  void aBotSendsWhatItsJobsSay() throws Exception {
    assertThat(output(SendTelegram::main))
        .isEqualTo(
            """
            {"chat_id":"@teapots","text":"Tea is ready"}
            left: 0
            """);
  }

  @Test
  void whatHappensCanBeWatched() throws Exception {
    assertThat(output(WatchEvents::main))
        .isEqualTo(
            """
            letter enqueued
            letter leased
            letter retried: no stamps
            letter leased
            letter done
            """);
  }

  @Test
  void anEmailIsAJob() throws Exception {
    GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    server.start();
    try {
      String port = Integer.toString(server.getSmtp().getPort());
      assertThat(output(SendEmail::main, "127.0.0.1", port, "ada@example.org"))
          .endsWith("attempt 1: Done[]\n");
      assertThat(server.waitForIncomingEmail(1)).isTrue();
    } finally {
      server.stop();
    }
  }

  @FunctionalInterface
  private interface Program {
    void main(String[] arguments) throws Exception;
  }

  private static String output(Program program, String... arguments) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      program.main(arguments);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
