package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cache around the certificates: sns.md 2. */
@Timeout(60)
class CertificatesTest {
  private static final Set<String> NAMES = Set.of("sns.amazonaws.com");
  private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(6);
  private static final Duration FAILURE_KEPT = Duration.ofSeconds(45);
  private static final String EXPIRED =
      TestCertificate.named("sns.amazonaws.com")
          .validity("2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z")
          .pem(TestCertificate.rsa().getPublic());

  private final TestWebhook webhook = TestWebhook.withCertificate();

  @TempDir Path folder;

  @Test
  void aCertificateIsFetchedOnce() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(get(url(0))).isEqualTo("good");
    }
    assertThat(webhook.web.asked()).hasSize(1);
  }

  @Test
  void findNeverFetches() throws Exception {
    assertThat(webhook.certificates().find(url(0), NAMES)).isNull();
    assertThat(webhook.web.asked()).isEmpty();

    assertThat(get(url(0))).isEqualTo("good");
    assertThat(webhook.certificates().find(url(0), NAMES)).isNotNull();
  }

  @Test
  void theDatesAreAskedAgainAtEachUse() throws Exception {
    assertThat(get(url(0))).isEqualTo("good");

    webhook.now = Instant.parse("2027-01-02T00:00:00Z");
    assertThat(get(url(0))).isEqualTo("503 cert-expired");

    webhook.now = Instant.parse("2025-12-31T23:59:59Z");
    pass(FAILURE_KEPT);
    assertThat(get(url(0))).isEqualTo("503 cert-not-yet-valid");
  }

  @Test
  void aFailureIsRememberedForAWhile() throws Exception {
    webhook.web.answering(url(1), new OutgoingGet.Answer.Status(404));
    assertThat(get(url(1))).isEqualTo("503 cert-unavailable");
    webhook.web.serving(url(1), TestWebhook.goodPem());

    pass(FAILURE_KEPT.minusNanos(1));
    assertThat(get(url(1))).isEqualTo("503 cert-unavailable");
    assertThat(webhook.web.asked()).hasSize(1);

    pass(Duration.ofNanos(1));
    assertThat(get(url(1))).isEqualTo("good");
  }

  @Test
  void whatIsNotThereNowIsNotFinal() throws Exception {
    int number = 1;
    for (int status : List.of(204, 301, 302, 304, 400, 403, 404, 429, 500, 503)) {
      webhook.web.answering(url(number), new OutgoingGet.Answer.Status(status));
      assertThat(get(url(number))).as("status %s", status).isEqualTo("503 cert-unavailable");
      number++;
    }
    pass(BETWEEN_FETCHES);
    assertThat(get(url(99))).as("connection refused").isEqualTo("503 cert-unavailable");
  }

  @Test
  void aFailureRaisesAnAlarmAndSaysWhenToComeAgain() throws Exception {
    assertThatThrownBy(() -> webhook.certificates().get(TestMessage.TOPIC, url(1), NAMES))
        .isInstanceOfSatisfying(
            RefusedException.class,
            it -> {
              Verdict.Refused answer = it.verdict(null);
              assertThat(answer.alarm()).isTrue();
              assertThat(answer.retryAfter()).isPositive();
              assertThat(answer.detail()).contains(url(1), "connection refused");
            });
  }

  @Test
  void fetchesAreLimitedToABurstOfTenAndTenAMinute() throws Exception {
    for (int i = 1; i <= 10; i++) {
      assertThat(get(url(i))).isEqualTo("503 cert-unavailable");
    }
    assertThat(get(url(0))).isEqualTo("503 cert-fetches-limited");
    assertThat(webhook.web.asked()).hasSize(10);

    pass(BETWEEN_FETCHES.minusNanos(1));
    assertThat(get(url(0))).isEqualTo("503 cert-fetches-limited");
    pass(Duration.ofNanos(1));
    assertThat(get(url(0))).isEqualTo("good");

    pass(Duration.ofHours(1));
    for (int i = 11; i <= 21; i++) {
      get(url(i));
    }
    assertThat(webhook.web.asked()).hasSize(21);
  }

  @Test
  void whoKnowsOneTopicHoldsUpNoOther() throws Exception {
    String other = TestMessage.TOPIC + "-2";
    for (int i = 1; i <= 11; i++) {
      get(url(i));
    }
    assertThat(get(url(0))).isEqualTo("503 cert-fetches-limited");
    assertThat(get(webhook.certificates(), other, url(0), NAMES)).isEqualTo("good");
    assertThat(get(url(0))).as("known now, so it costs nothing").isEqualTo("good");
  }

  @Test
  void eachHostOfATopicHasABudget() throws Exception {
    for (int i = 1; i <= 11; i++) {
      get(url(i));
    }
    String elsewhere = url(0).replace("sns.", "other.");
    webhook.web.serving(elsewhere, TestWebhook.goodPem());
    assertThat(get(elsewhere)).isEqualTo("good");
  }

  @Test
  void whoWaitedForAFetchThatAnotherTopicCouldNotPayPaysItself() throws Exception {
    for (int i = 1; i <= 10; i++) {
      get(url(i));
    }
    String other = TestMessage.TOPIC + "-2";
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String topic = i % 2 == 0 ? TestMessage.TOPIC : other;
        answers.add(threads.submit(() -> get(webhook.certificates(), topic, url(0), NAMES)));
      }
      for (int i = 1; i < 100; i += 2) {
        assertThat(answers.get(i).get()).isEqualTo("good");
      }
    }
  }

  @Test
  void theLeastRecentlyUsedOfThirtyTwoMakesRoom() throws Exception {
    for (int i = 0; i < Certificates.HELD_MAX; i++) {
      pass(BETWEEN_FETCHES);
      fetchGood(i);
    }
    pass(BETWEEN_FETCHES);
    assertThat(get(url(0))).isEqualTo("good");
    fetchGood(32);

    assertThat(webhook.certificates().find(url(0), NAMES)).isNotNull();
    assertThat(webhook.certificates().find(url(1), NAMES)).isNull();
    assertThat(webhook.certificates().find(url(2), NAMES)).isNotNull();
    assertThat(webhook.certificates().find(url(32), NAMES)).isNotNull();
  }

  @Test
  void aWrongNameForOneTopicIsNoFailureOfAnother() throws Exception {
    assertThat(get(url(0), Set.of("sns-signing.me-south-1.amazonaws.com")))
        .isEqualTo("403 bad-cert-name");
    assertThat(get(url(0))).isEqualTo("good");
  }

  @Test
  void aBadOneIsNotHeld() throws Exception {
    webhook.web.serving(url(1), EXPIRED);
    assertThat(get(url(1))).isEqualTo("503 cert-expired");

    webhook.web.serving(url(1), TestWebhook.goodPem());
    pass(FAILURE_KEPT);
    assertThat(get(url(1))).isEqualTo("good");
  }

  @Test
  void aKnownOneIsTrustedWithoutAFetch() throws Exception {
    webhook.known = folder;
    Files.writeString(folder.resolve(file(1)), TestWebhook.goodPem());

    assertThat(get(url(1))).isEqualTo("good");
    assertThat(webhook.web.asked()).isEmpty();
    assertThat(get(url(0))).isEqualTo("good");
    assertThat(webhook.web.asked()).containsExactly(url(0));
  }

  @Test
  void aKnownOneIsHeldAgainstTheSameRules() throws Exception {
    webhook.known = folder;
    Files.writeString(folder.resolve(file(1)), EXPIRED);
    Files.writeString(folder.resolve(file(2)), "no certificate");
    Files.writeString(folder.resolve(file(3)), TestWebhook.goodPem() + " ".repeat(65_536));
    Files.createDirectory(folder.resolve(file(4)));

    assertThat(get(url(1))).isEqualTo("503 cert-expired");
    assertThat(get(url(2))).isEqualTo("403 bad-cert");
    assertThat(get(url(3))).isEqualTo("403 bad-cert");
    assertThat(get(url(4))).isEqualTo("503 cert-unavailable");
    assertThat(webhook.web.asked()).isEmpty();

    Files.writeString(folder.resolve(file(1)), TestWebhook.goodPem());
    pass(FAILURE_KEPT);
    assertThat(get(url(1))).isEqualTo("good");
  }

  @Test
  void aRestartWithoutNetworkLivesOnTheCopy() throws Exception {
    webhook.copies = folder.resolve("copies");
    assertThat(get(url(0))).isEqualTo("good");

    webhook.web.answering(url(0), new OutgoingGet.Answer.Failed("no network"));
    webhook.forget();
    assertThat(get(url(0))).isEqualTo("good");
    assertThat(webhook.web.asked()).hasSize(1);
  }

  @Test
  void aCopyThatIsNoLongerGoodIsFetchedAnew() throws Exception {
    webhook.copies = folder;
    for (String bad : List.of(EXPIRED, "damaged", "")) {
      Files.writeString(folder.resolve("sns.us-east-1.amazonaws.com_" + file(0)), bad);
      webhook.forget();
      assertThat(get(url(0))).isEqualTo("good");
    }
    assertThat(webhook.web.asked()).hasSize(3);
    assertThat(folder.resolve("sns.us-east-1.amazonaws.com_" + file(0)))
        .hasContent(TestWebhook.goodPem());
  }

  @Test
  void onlyGoodOnesAreCopiedAndNotEndlesslyMany() throws Exception {
    webhook.copies = folder;
    webhook.web.serving(url(1), EXPIRED);
    assertThat(get(url(1))).isEqualTo("503 cert-expired");
    assertThat(folder).isEmptyDirectory();

    for (int i = 0; i < CertificateFolders.COPIES_MAX; i++) {
      Files.writeString(folder.resolve("old" + i), "");
    }
    assertThat(get(url(0))).isEqualTo("good");
    try (var files = Files.list(folder)) {
      assertThat(files.count()).isEqualTo(CertificateFolders.COPIES_MAX);
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsNoHindrance() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    webhook.copies = file.resolve("copies");

    assertThat(get(url(0))).isEqualTo("good");
  }

  @Test
  void manyWhoMissTheSameCertificateShareOneFetch() throws Exception {
    SlowWeb slow = new SlowWeb();
    Certificates certificates = over(slow);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(threads.submit(() -> get(certificates, url(0), NAMES)));
      }
      slow.arrived.acquire();
      slow.go.countDown();
      for (Future<String> answer : answers) {
        assertThat(answer.get()).isEqualTo("good");
      }
    }
    assertThat(slow.asked).hasValue(1);
  }

  @Test
  void aSlowHostHoldsUpOnlyThoseWhoNeedIt() throws Exception {
    SlowWeb slow = new SlowWeb();
    Certificates certificates = over(slow);
    slow.go.countDown();
    assertThat(get(certificates, url(0), NAMES)).isEqualTo("good");

    slow.go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> first = threads.submit(() -> get(certificates, url(1), NAMES));
      Future<String> second = threads.submit(() -> get(certificates, url(2), NAMES));
      slow.arrived.acquire(3);
      assertThat(get(certificates, url(0), NAMES)).isEqualTo("good");
      assertThat(first).isNotDone();
      slow.go.countDown();
      assertThat(first.get()).isEqualTo("good");
      assertThat(second.get()).isEqualTo("good");
    }
  }

  @Test
  void twoAreFetchedAtOnceAndTheThirdWaits() throws Exception {
    SlowWeb slow = new SlowWeb();
    Certificates certificates = over(slow);
    List<Thread> fetching = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      fetching.add(start(certificates, url(i)));
    }
    slow.arrived.acquire(2);
    while (fetching.stream().anyMatch(thread -> thread.getState() == Thread.State.RUNNABLE)) {
      Thread.onSpinWait();
    }
    assertThat(slow.asked).hasValue(2);
    slow.go.countDown();
    for (Thread thread : fetching) {
      thread.join();
    }
    assertThat(slow.asked).hasValue(3);
    assertThat(slow.mostAtOnce).hasValue(2);
  }

  @Test
  void whoGetsNoTurnInTimeIsToComeAgain() throws Exception {
    SlowWeb slow = new SlowWeb();
    Certificates certificates = over(slow, Duration.ofMillis(1));
    List<Thread> fetching = List.of(start(certificates, url(1)), start(certificates, url(2)));
    slow.arrived.acquire(2);
    assertThat(get(certificates, url(0), NAMES)).isEqualTo("503 cert-unavailable");

    slow.go.countDown();
    for (Thread thread : fetching) {
      thread.join();
    }
    assertThat(get(certificates, url(0), NAMES)).isEqualTo("good");
  }

  @Test
  void whenTheOneWhoFetchesIsInterruptedTheOthersAreToComeAgain() throws Exception {
    SlowWeb slow = new SlowWeb();
    Certificates certificates = over(slow);
    Thread fetching = start(certificates, url(0));
    slow.arrived.acquire();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> other = threads.submit(() -> get(certificates, url(0), NAMES));
      fetching.interrupt();
      fetching.join();
      slow.go.countDown();
      assertThat(other.get()).isIn("503 cert-unavailable", "good");
    }
    assertThat(get(certificates, url(0), NAMES)).isEqualTo("good");
  }

  private Certificates over(OutgoingGet web) {
    return over(web, Certificates.TURN_AT_MOST);
  }

  private Certificates over(OutgoingGet web, Duration turnAtMost) {
    return new Certificates(
        web, webhook.clock(), new CertificateFolders(null, null), webhook.nanos::get, turnAtMost);
  }

  private static Thread start(Certificates certificates, String url) {
    return Thread.startVirtualThread(() -> {
      try {
        get(certificates, url, NAMES);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private void pass(Duration time) {
    webhook.nanos.addAndGet(time.toNanos());
  }

  private void fetchGood(int number) throws InterruptedException {
    webhook.web.serving(url(number), TestWebhook.goodPem());
    assertThat(get(url(number))).isEqualTo("good");
  }

  private String get(String url) throws InterruptedException {
    return get(url, NAMES);
  }

  private String get(String url, Set<String> names) throws InterruptedException {
    return get(webhook.certificates(), url, names);
  }

  private static String get(Certificates certificates, String url, Set<String> names)
      throws InterruptedException {
    return get(certificates, TestMessage.TOPIC, url, names);
  }

  private static String get(Certificates certificates, String topic, String url, Set<String> names)
      throws InterruptedException {
    try {
      assertThat(certificates.get(topic, url, names)).isNotNull();
      return "good";
    } catch (RefusedException e) {
      return TestWebhook.brief(e.verdict(null));
    }
  }

  /** 0 is that of {@link TestMessage#CERTIFICATE_URL}. */
  private static String url(int number) {
    return TestMessage.ORIGIN + file(number);
  }

  private static String file(int number) {
    return number == 0
        ? TestMessage.CERTIFICATE_URL.substring(TestMessage.ORIGIN.length())
        : "SimpleNotificationService-%032x.pem".formatted(number);
  }

  /** Serves a good certificate at every URL, once it is let go. */
  private static final class SlowWeb implements OutgoingGet {
    final Semaphore arrived = new Semaphore(0);
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger atOnce = new AtomicInteger();
    final AtomicInteger mostAtOnce = new AtomicInteger();
    volatile CountDownLatch go = new CountDownLatch(1);

    @Override
    public Answer get(String url, int bytesMax, Duration atMost) throws InterruptedException {
      asked.incrementAndGet();
      mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
      arrived.release();
      try {
        go.await();
      } finally {
        atOnce.decrementAndGet();
      }
      return new Answer.Ok(TestWebhook.goodPem());
    }
  }
}
