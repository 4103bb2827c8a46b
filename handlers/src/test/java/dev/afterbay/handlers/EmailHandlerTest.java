package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Message;
import dev.afterbay.Outcome;
import jakarta.mail.BodyPart;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server that says what it is told to say. */
@Timeout(60)
class EmailHandlerTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String THREE = MailJob.to("ada@a.example", "bob@b.example", "cy@c.example");

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private ScriptedSmtp server(ScriptedSmtp server) {
    open.add(server);
    return server;
  }

  private EmailHandler handler(SmtpSettings settings) {
    EmailAddress from = EmailAddress.parse("News <news@afterbay.example>");
    EmailHandler handler =
        new EmailHandler(
            new SmtpTransport(from, settings, (SSLSocketFactory) SSLSocketFactory.getDefault()),
            InstantSource.fixed(NOW));
    open.add(handler);
    return handler;
  }

  private Outcome handled(ScriptedSmtp server, MailJob job) throws Exception {
    return onVirtualThread(() -> handler(server.settings()).handle(job));
  }

  /** For a server that is waited for in vain. */
  private Outcome late(ScriptedSmtp server, MailJob job) throws Exception {
    return onVirtualThread(() -> handler(server.settings().timeout(SHORT)).handle(job));
  }

  private static <T> T onVirtualThread(Callable<T> work) throws Exception {
    try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      return thread.submit(work).get();
    }
  }

  @Test
  void anAcceptedEmailIsDoneAndItsResultHasTheReply() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(handled(server, job)).isEqualTo(Outcome.done());
    assertThat(job.result())
        .isEqualTo(
            "{\"recipients\":[{\"address\":\"ada@a.example\",\"status\":\"accepted\",\"code\":250,"
                + "\"reply\":\"2.0.0 Ok: queued as 1\"}]}");
    ScriptedSmtp.Mail mail = server.mails.getFirst();
    assertThat(mail.from()).isEqualTo("news@afterbay.example");
    assertThat(mail.header("From")).isEqualTo("News <news@afterbay.example>");
    assertThat(mail.header("Date")).isEqualTo("Sun, 29 Nov 2026 12:00:00 +0000");
    assertThat(mail.header("Message-ID"))
        .matches("<" + job.job().id() + "\\.[0-9a-f]{16}@afterbay.example>");
    assertThat(mail.data()).endsWith("\r\n\r\nHello\r\n");
    assertThat(job.checkpoints).isEmpty();
  }

  @Test
  void eachRecipientGetsAMessageOfHisOwnOverOneConnection() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    String payload =
        """
        {"to": "Ada <ada@a.example>", "cc": ["bob@b.example", "ada@a.example"],
         "bcc": ["cy@c.example"], "subject": "Hi", "text": "Hello"}\
        """;
    MailJob job = new MailJob(payload);
    assertThat(handled(server, job)).isEqualTo(Outcome.done());
    assertThat(server.mails)
        .extracting(ScriptedSmtp.Mail::to)
        .containsExactly("ada@a.example", "bob@b.example", "cy@c.example");
    assertThat(server.mails)
        .extracting(mail -> mail.header("To"))
        .containsExactly("Ada <ada@a.example>", "bob@b.example", "cy@c.example");
    assertThat(server.mails).allSatisfy(mail -> assertThat(mail.header("Cc")).isEmpty());
    assertThat(server.mails).extracting(mail -> mail.header("Message-ID")).doesNotHaveDuplicates();
    assertThat(server.connections).hasValue(1);
    assertThat(job.progress).containsExactly("sent 1 of 3", "sent 2 of 3", "sent 3 of 3");
  }

  @Test
  void aRejectedRecipientDoesNotStopTheOthers() throws Exception {
    ScriptedSmtp server =
        server(ScriptedSmtp.answering("RCPT TO:<bob", "550-5.1.1 No such\r\n550 5.1.1 user here"));
    MailJob job = new MailJob(THREE);
    assertThat(handled(server, job)).isEqualTo(Outcome.done());
    assertThat(server.mails).extracting(ScriptedSmtp.Mail::to).doesNotContain("bob@b.example");
    assertThat(job.result())
        .contains(
            "{\"address\":\"bob@b.example\",\"status\":\"rejected\",\"code\":550,"
                + "\"reply\":\"5.1.1 No such 5.1.1 user here\"}");
    assertThat(job.progress.getLast()).isEqualTo("sent 2 of 3, 1 rejected");
  }

  @ParameterizedTest
  @CsvSource({
    "MAIL, 553 5.7.1 sender rejected",
    "RCPT, 550 5.1.1 unknown",
    "RCPT, 552 5.2.2 full",
    "DATA, 554 5.5.1 no valid recipients",
    "., 554 5.7.1 spam"
  })
  void aPermanentReplyForTheOnlyRecipientFails(String command, String reply) throws Exception {
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    Outcome outcome = handled(server(ScriptedSmtp.answering(command, reply)), job);
    assertThat(outcome).isEqualTo(Outcome.fail("rejected: ada@a.example: " + reply));
    assertThat(job.result()).contains("\"status\":\"rejected\",\"code\":" + reply.substring(0, 3));
  }

  @ParameterizedTest
  @CsvSource({
    "MAIL, 451 4.3.0 later",
    "RCPT, 450 4.2.0 greylisted",
    "DATA, 451 4.3.0 later",
    "., 452 4.3.1 full",
    "MAIL, 530 5.7.0 Authentication required",
    "'', 554 5.3.2 not now"
  })
  void aTemporaryReplyAndOneAboutOurSettingsAreRetried(String command, String reply)
      throws Exception {
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) ->
                (command.isEmpty() ? line.isEmpty() : line.startsWith(command))
                    && with.say(reply)));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(handled(server, job))
        .isInstanceOfSatisfying(
            Outcome.Retry.class, retry -> assertThat(retry.reason()).contains(reply));
    assertThat(job.result()).contains("\"status\":\"pending\",\"code\":" + reply.substring(0, 3));
  }

  @Test
  void aGreylistedRecipientIsTheOnlyOneWhoIsSentToAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) ->
                line.startsWith("RCPT TO:<bob")
                    && asked.getAndIncrement() == 0
                    && with.say("451 4.7.1 Greylisted")));
    MailJob job = new MailJob(THREE);
    assertThat(handled(server, job))
        .isEqualTo(Outcome.retry("1 of 3 not sent yet: bob@b.example: 451 4.7.1 Greylisted"));
    assertThat(handled(server, job)).isEqualTo(Outcome.done());
    assertThat(server.mails)
        .extracting(ScriptedSmtp.Mail::to)
        .containsExactly("ada@a.example", "cy@c.example", "bob@b.example");
  }

  @Test
  void aConnectionThatIsDroppedAfterDataMeansToTryAgainWithTheSameMessageId() throws Exception {
    AtomicInteger times = new AtomicInteger();
    ScriptedSmtp server =
        server(
            new ScriptedSmtp(
                (with, line) -> line.equals(".") && times.getAndIncrement() == 0 && with.hangUp()));
    List<String> ids = new ArrayList<>();
    MailJob job = new MailJob(THREE);
    assertThat(handled(server, job)).isInstanceOf(Outcome.Retry.class);
    assertThat(job.result()).contains("\"address\":\"ada@a.example\",\"status\":\"pending\"");
    assertThat(server.mails).isEmpty();
    assertThat(handled(server, job)).isEqualTo(Outcome.done());
    server.mails.forEach(mail -> ids.add(mail.header("Message-ID")));
    MailJob again = job;
    again.checkpoints.clear();
    assertThat(handled(server, again)).isEqualTo(Outcome.done());
    assertThat(server.mails.subList(3, 6))
        .extracting(mail -> mail.header("Message-ID"))
        .isEqualTo(ids);
  }

  @Test
  void aServerThatEndsAConnectionAfterSomeMessagesIsAskedForAnother() throws Exception {
    AtomicInteger messages = new AtomicInteger();
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) -> {
              if (line.startsWith("MAIL") && messages.incrementAndGet() % 3 == 0) {
                with.say("421 4.7.0 too many messages on this connection");
                return with.hangUp();
              }
              return false;
            }));
    String[] ten =
        IntStream.range(0, 10).mapToObj(i -> "r" + i + "@a.example").toArray(String[]::new);
    assertThat(handled(server, new MailJob(MailJob.to(ten)))).isEqualTo(Outcome.done());
    assertThat(server.mails).hasSize(10);
    assertThat(server.connections.get()).isGreaterThan(3);
  }

  @Test
  void aServerThatHangsUpWithItsRefusalHasRefusedAllTheSame() throws Exception {
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) -> {
              if (line.startsWith("RCPT TO:<ada") || line.equals("DATA")) {
                with.say("554 5.7.1 go away");
                return with.hangUp();
              }
              return false;
            }));
    MailJob job = new MailJob(MailJob.to("ada@a.example", "bob@b.example"));
    assertThat(handled(server, job))
        .isEqualTo(Outcome.fail("rejected: ada@a.example: 554 5.7.1 go away"));
    assertThat(server.connections).hasValue(2);
  }

  @Test
  void aLargeAttachmentArrivesWhole() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    byte[] bytes = new byte[10 << 20];
    new Random(7).nextBytes(bytes);
    String payload =
        "{\"to\":\"ada@a.example\",\"text\":\"x\",\"attachments\":[{\"name\":\"a\\\"b/../c.bin\","
            + "\"base64\":\""
            + Base64.getEncoder().encodeToString(bytes)
            + "\"}]}";
    EmailHandler handler = handler(server.settings());
    assertThat(onVirtualThread(() -> handler.handle(new MailJob(payload))))
        .isEqualTo(Outcome.done());
    MimeMessage mail =
        new MimeMessage(
            null,
            new ByteArrayInputStream(
                server.mails.getFirst().data().getBytes(StandardCharsets.UTF_8)));
    BodyPart file = ((Multipart) mail.getContent()).getBodyPart(1);
    assertThat(file.getFileName()).isEqualTo("a\"b/../c.bin");
    assertThat(file.getInputStream().readAllBytes()).isEqualTo(bytes);
  }

  @Test
  void aJobWhoseProcessWasKilledSendsToNobodyASecondTimeButTheOneInBetween() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    String[] five =
        IntStream.range(0, 5).mapToObj(i -> "r" + i + "@a.example").toArray(String[]::new);
    MailJob job = new MailJob(MailJob.to(five));
    job.checkpointsMax = 3; // One before the first, one after each.
    assertThatThrownBy(() -> handled(server, job)).hasMessageContaining("killed");
    assertThat(server.mails).hasSize(3);
    job.checkpointsMax = Integer.MAX_VALUE;
    assertThat(handled(server, job)).isEqualTo(Outcome.done());
    assertThat(server.mails)
        .extracting(ScriptedSmtp.Mail::to)
        .containsExactly(five[0], five[1], five[2], five[2], five[3], five[4]);
  }

  /** Else each attempt would send to the first one again, for as long as none can be kept. */
  @Test
  void whereNoCheckpointCanBeKeptNothingIsSent() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    MailJob job = new MailJob(THREE);
    job.checkpointsMax = 0;
    assertThatThrownBy(() -> handled(server, job)).hasMessageContaining("killed");
    assertThat(server.mails).isEmpty();
  }

  @Test
  void aCancelledJobSendsNoMore() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    MailJob job = new MailJob(THREE);
    job.cancelled = true;
    assertThat(handled(server, job)).isEqualTo(Outcome.release());
    assertThat(server.mails).isEmpty();
  }

  @Test
  void anAttemptWhoseTimeIsOverStopsBeforeTheNextRecipient() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    EmailHandler handler = handler(server.settings()).within(Duration.ofNanos(1));
    MailJob job = new MailJob(THREE);
    for (int i = 1; i <= 2; i++) {
      assertThat(onVirtualThread(() -> handler.handle(job)))
          .isEqualTo(
              Outcome.retry("sent " + i + " of 3, the time of the attempt is over", Duration.ZERO));
      assertThat(job.result()).contains("\"status\":\"pending\"");
    }
    assertThat(onVirtualThread(() -> handler.handle(job))).isEqualTo(Outcome.done());
    assertThat(server.mails)
        .extracting(ScriptedSmtp.Mail::to)
        .containsExactly("ada@a.example", "bob@b.example", "cy@c.example");
  }

  @Test
  void severalRecipientsNeedABrokerThatKeepsARecord() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    MailJob job = new MailJob(THREE);
    job.recorded = false;
    assertThat(handled(server, job)).isInstanceOf(Outcome.Fail.class);
    MailJob single = new MailJob(MailJob.to("ada@a.example"));
    single.recorded = false;
    assertThat(handled(server, single)).isEqualTo(Outcome.done());
    assertThat(server.mails).hasSize(1);
  }

  @Test
  void aCheckpointOfAnotherHandlerFailsTheJob() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    MailJob job = new MailJob(THREE);
    job.checkpoints.add(new byte[] {1, 0, 0, 0, 3, 'x', 0, 0, 0, 0});
    assertThat(handled(server, job)).isInstanceOf(Outcome.Fail.class);
    assertThat(server.mails).isEmpty();
  }

  @Test
  void aThousandRecipientsFitIntoCheckpointAndResult() throws Exception {
    String reply = "550 " + "\"é".repeat(300);
    ScriptedSmtp server = server(ScriptedSmtp.answering("RCPT", reply));
    String[] many =
        IntStream.range(0, EmailJson.RECIPIENTS_MAX)
            .mapToObj("recipient%04d@subdomain.example"::formatted)
            .map(text -> text.substring(0, 15) + text.substring(18))
            .toArray(String[]::new);
    MailJob job = new MailJob(MailJob.to(many));
    EmailHandler handler = handler(server.settings());
    assertThat(onVirtualThread(() -> handler.handle(job))).isInstanceOf(Outcome.Fail.class);
    assertThat(job.result.length).isLessThanOrEqualTo(64 << 10);
    assertThat(PayloadJson.MAPPER.readTree(job.result).get("recipients")).hasSize(many.length);
    assertThat(job.checkpoints).hasSize(1 + many.length);
    assertThat(job.progress).hasSize(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "EHLO", "MAIL", "RCPT", "DATA", "."})
  void aServerThatHangsCostsTheTimeout(String command) throws Exception {
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) ->
                (command.isEmpty() ? line.isEmpty() : line.startsWith(command)) && with.hang()));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(late(server, job))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.reason()).contains("no reply within PT0.3S"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "EHLO", "MAIL", "."})
  void aReplyThatNeverEndsIsCutOff(String command) throws Exception {
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) -> {
              while (command.isEmpty() ? line.isEmpty() : line.startsWith(command)) {
                with.say("250-" + "more ".repeat(100));
              }
              return false;
            }));
    EmailHandler handler = handler(server.settings().timeout(Duration.ofSeconds(20)));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(onVirtualThread(() -> handler.handle(job)))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.reason()).contains("longer than 131072 bytes"));
  }

  @Test
  void aReplyByteByByteHasNoMoreTimeThanAnother() throws Exception {
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) -> {
              while (line.startsWith("MAIL")) {
                with.dribble();
              }
              return false;
            }));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(late(server, job))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.reason()).contains("no reply within PT0.3S"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MAIL", "RCPT", "DATA", "."})
  void garbageIsNoReply(String command) throws Exception {
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) ->
                (command.isEmpty() ? line.isEmpty() : line.startsWith(command))
                    && with.say("HTTP/1.1 400 Bad Request\r\nxx\r\nyy\r\n\u0000\u001b[31m")));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(handled(server, job))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.reason()).contains("127.0.0.1:" + server.port()));
  }

  @Test
  void aServerThatDoesNotReadCostsTheTimeout() throws Exception {
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) -> {
              if (line.equals("DATA")) {
                with.say("354 go on");
                with.awaitClosed();
              }
              return false;
            }));
    String payload =
        "{\"to\":\"ada@a.example\",\"text\":\"" + "a line of text\\n".repeat(1_000_000) + "\"}";
    EmailHandler handler = handler(server.settings().timeout(Duration.ofSeconds(3)));
    MailJob job = new MailJob(payload);
    assertThat(onVirtualThread(() -> handler.handle(job)))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.reason()).contains("nothing was taken within PT3S"));
    server.hangs.countDown();
  }

  @Test
  void nobodyListens() throws Exception {
    ScriptedSmtp server = ScriptedSmtp.willing();
    server.close();
    assertThat(handled(server, new MailJob(MailJob.to("ada@a.example"))))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry ->
                assertThat(retry.reason())
                    .contains("127.0.0.1:" + server.port() + ": Connection refused"));
  }

  @Test
  void withoutStartTlsNothingIsSent() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    EmailHandler handler =
        handler(server.settings().tls(SmtpSettings.Tls.STARTTLS).login("me", "secret"));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(onVirtualThread(() -> handler.handle(job)))
        .isInstanceOfSatisfying(
            Outcome.Retry.class, retry -> assertThat(retry.reason()).contains("STARTTLS"));
    assertThat(server.count("AUTH")).isZero();
    assertThat(server.mails).isEmpty();
  }

  @Test
  void aServerWithoutEhloOffersNoStartTlsEither() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.answering("EHLO", "502 5.5.1 what?"));
    EmailHandler handler = handler(server.settings().tls(SmtpSettings.Tls.STARTTLS));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(onVirtualThread(() -> handler.handle(job)))
        .isInstanceOfSatisfying(
            Outcome.Retry.class, retry -> assertThat(retry.reason()).contains("STARTTLS"));
  }

  @Test
  void aHandshakeThatIsNotAnsweredCostsTheTimeout() throws Exception {
    ScriptedSmtp server = server(new ScriptedSmtp((with, line) -> with.hang()));
    EmailHandler handler = handler(server.settings().tls(SmtpSettings.Tls.TLS).timeout(SHORT));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(onVirtualThread(() -> handler.handle(job)))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry -> assertThat(retry.reason()).contains("no reply within PT0.3S"));
  }

  @Test
  void aWrongLoginLeavesTheServersCodeAndNotThePassword() throws Exception {
    ScriptedSmtp server = server(new ScriptedSmtp((with, line) -> echoesLogin(with, line)));
    server.extensions = "250 AUTH PLAIN LOGIN\r\n";
    EmailHandler handler = handler(server.settings().login("me", "s3cret"));
    MailJob job = new MailJob(MailJob.to("ada@a.example"));
    assertThat(onVirtualThread(() -> handler.handle(job)))
        .isInstanceOfSatisfying(
            Outcome.Retry.class,
            retry ->
                assertThat(retry.reason())
                    .contains("535 5.7.8 wrong: ")
                    .doesNotContain("s3cret")
                    .doesNotContain("bWUAbWUA"));
    assertThat(server.count("AUTH PLAIN bWUAbWUAczNjcmV0")).isEqualTo(1);
    assertThat(server.mails).isEmpty();
  }

  private static boolean echoesLogin(ScriptedSmtp.Conversation with, String line)
      throws java.io.IOException {
    return line.startsWith("AUTH") && with.say("535 5.7.8 wrong: s3cret " + line);
  }

  @Test
  void aLoginThatIsNotOfferedIsNotLeftOut() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    EmailHandler handler = handler(server.settings().login("me", "secret"));
    assertThat(onVirtualThread(() -> handler.handle(new MailJob(MailJob.to("ada@a.example")))))
        .isInstanceOfSatisfying(
            Outcome.Retry.class, retry -> assertThat(retry.reason()).contains("offers no login"));
    assertThat(server.mails).isEmpty();
  }

  @Test
  void thereAreNeverMoreConnectionsThanThePoolHas() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    EmailHandler handler =
        handler(server.settings().pool(3).timeout(Duration.ofSeconds(30)).idle(SHORT));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome>> outcomes = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String[] two = {"a" + i + "@a.example", "b" + i + "@a.example"};
        MailJob job = new MailJob(MailJob.to(two));
        outcomes.add(threads.submit(() -> handler.handle(job)));
      }
      for (Future<Outcome> outcome : outcomes) {
        assertThat(outcome.get()).isEqualTo(Outcome.done());
      }
    }
    assertThat(server.mails).hasSize(40);
    assertThat(server.openMax.get()).isBetween(1, 3);
  }

  @Test
  void whoFindsNoConnectionWaitsForTheTimeoutAndIsRetried() throws Exception {
    ScriptedSmtp server =
        server(new ScriptedSmtp((with, line) -> line.startsWith("MAIL") && with.hang()));
    EmailHandler handler = handler(server.settings().pool(1).timeout(SHORT));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      MailJob job = new MailJob(MailJob.to("ada@a.example"));
      Set<Outcome> outcomes = new HashSet<>();
      List<Future<Outcome>> two =
          List.of(
              threads.submit(() -> handler.handle(job)), threads.submit(() -> handler.handle(job)));
      for (Future<Outcome> one : two) {
        outcomes.add(one.get());
      }
      assertThat(outcomes).allSatisfy(one -> assertThat(one).isInstanceOf(Outcome.Retry.class));
    }
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    EmailHandler handler = handler(server.settings().idle(Duration.ofMillis(50)));
    onVirtualThread(() -> handler.handle(new MailJob(MailJob.to("ada@a.example"))));
    awaitNoConnection(server);
    assertThat(server.lines.getLast()).isEqualTo("QUIT");
  }

  private static void awaitNoConnection(ScriptedSmtp server) {
    long latest = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (server.openNow.get() > 0) {
      assertThat(System.nanoTime()).as("30 s are over").isLessThan(latest);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  @Test
  void anOldConnectionIsNotUsedAgain() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    EmailHandler handler = handler(server.settings().lifetime(Duration.ofMillis(1)));
    for (int i = 0; i < 3; i++) {
      onVirtualThread(() -> handler.handle(new MailJob(THREE)));
    }
    assertThat(server.connections.get()).isGreaterThan(3);
    assertThat(server.openMax).hasValue(1);
    assertThat(server.mails).hasSize(9);
  }

  @Test
  void anInterruptEndsTheConnectionAndFreesItsPlace() throws Exception {
    AtomicInteger times = new AtomicInteger();
    ScriptedSmtp server =
        server(
            new ScriptedSmtp((with, line) ->
                line.startsWith("MAIL") && times.getAndIncrement() == 0 && with.hang()));
    EmailHandler handler = handler(server.settings().pool(1).timeout(Duration.ofSeconds(50)));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                handler.handle(new MailJob(MailJob.to("ada@a.example")));
              } catch (Throwable e) {
                thrown.set(e);
              } finally {
                ended.countDown();
              }
            });
    server.hangs.await();
    thread.interrupt();
    ended.await();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    MailJob next = new MailJob(MailJob.to("bob@a.example"));
    assertThat(onVirtualThread(() -> handler.handle(next))).isEqualTo(Outcome.done());
    assertThat(server.connections).hasValue(2);
  }

  @Test
  void aClosedHandlerReleasesItsJobs() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    EmailHandler handler = handler(server.settings());
    onVirtualThread(() -> handler.handle(new MailJob(THREE)));
    handler.close();
    awaitNoConnection(server);
    assertThat(onVirtualThread(() -> handler.handle(new MailJob(THREE))))
        .isEqualTo(Outcome.release());
  }

  @Test
  void withoutSettingsEachJobFailsAndSaysWhatToSet() throws Exception {
    Outcome outcome = EmailHandler.withoutSettings().handle(new MailJob(THREE));
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Fail.class,
            fail ->
                assertThat(fail.reason()).startsWith("no SMTP settings: set workers[].email.smtp"));
  }

  @Test
  void anAddressBeyondAsciiNeedsAServerThatKnowsIt() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    MailJob job = new MailJob(MailJob.to("jörg@bücher.example", "ada@bücher.example"));
    assertThat(handled(server, job)).isEqualTo(Outcome.done());
    assertThat(server.lines)
        .contains(
            "MAIL FROM:<news@afterbay.example> SMTPUTF8",
            "RCPT TO:<jörg@xn--bcher-kva.example>",
            "MAIL FROM:<news@afterbay.example>",
            "RCPT TO:<ada@xn--bcher-kva.example>");
    assertThat(server.mails.getFirst().header("To")).isEqualTo("jörg@xn--bcher-kva.example");
    server.extensions = "250 8BITMIME\r\n";
    MailJob again = new MailJob(MailJob.to("jörg@bücher.example"));
    assertThat(handled(server, again))
        .isInstanceOfSatisfying(
            Outcome.Fail.class, fail -> assertThat(fail.reason()).contains("SMTPUTF8"));
  }

  @Test
  void whatIsNotJsonFails() throws Exception {
    ScriptedSmtp server = server(ScriptedSmtp.willing());
    for (String body : List.of("", "[]", "{\"to\":", "{} {}", "null")) {
      assertThat(handled(server, new MailJob(Message.of("email", body))))
          .isInstanceOf(Outcome.Fail.class);
    }
    assertThat(server.connections).hasValue(0);
  }
}
