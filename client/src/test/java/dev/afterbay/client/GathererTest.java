package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.OutcomeUnknown;
import dev.afterbay.BrokerException.QueueFull;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.BrokerException.Unavailable;
import dev.afterbay.client.Gatherer.Part;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is gathered, when it goes, and what each caller is told. */
@Timeout(60)
final class GathererTest {

  private static final Duration LONG = Duration.ofDays(1);
  private static final Gatherer.Capacity ONE_UNDER_WAY = new Gatherer.Capacity(4, 100, 1, LONG);

  private final Road road = new Road();
  private final Gatherer<String, String> gatherer = new Gatherer<>(ONE_UNDER_WAY, road);

  /** Where requests go: the test sees them and says what becomes of them. */
  private static final class Road implements Gatherer.Carrier<String, String> {
    private final BlockingQueue<Sent> begun = new LinkedBlockingQueue<>();
    private volatile @Nullable Supplier<RuntimeException> closed;
    private volatile @Nullable Error fault;

    @Override
    public Gatherer.Trip<String> begin(String kind, List<Part> parts) {
      if (fault != null) {
        throw fault;
      }
      Supplier<RuntimeException> why = closed;
      if (why != null) {
        throw why.get();
      }
      Sent sent = new Sent(kind, parts);
      begun.add(sent);
      return sent;
    }

    @Override
    public BrokerException notSent(String kind, String why) {
      return new Unavailable("not sent: " + why);
    }

    @Override
    public BrokerException left(String kind, String why, Throwable cause) {
      return new OutcomeUnknown("left: " + why, cause);
    }

    Sent next() throws InterruptedException {
      Sent next = begun.poll(30, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no request came");
      }
      return next;
    }
  }

  /** A request that was begun. */
  private static final class Sent implements Gatherer.Trip<String> {
    private final String kind;
    private final List<Part> parts;
    private final CompletableFuture<Supplier<List<String>>> end = new CompletableFuture<>();
    private final CompletableFuture<String> abandoned = new CompletableFuture<>();
    private volatile boolean answered;

    Sent(String kind, List<Part> parts) {
      this.kind = kind;
      this.parts = parts;
    }

    List<String> texts() {
      return parts.stream().map(part -> new String(part.bytes(), StandardCharsets.UTF_8)).toList();
    }

    /** As many results as there should be: the text of the part, and which of its entries. */
    void succeed() {
      List<String> results = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        for (int entry = 0; entry < parts.get(i).count(); entry++) {
          results.add(texts().get(i) + entry);
        }
      }
      answered = true;
      end.complete(() -> results);
    }

    void refuse(Supplier<BrokerException> problem) {
      answered = true;
      fail(problem);
    }

    void fail(Supplier<? extends RuntimeException> problem) {
      end.complete(() -> {
        throw problem.get();
      });
    }

    @Override
    public void whenEnded(Runnable then) {
      var _ = end.thenRun(then);
    }

    @Override
    public boolean isAnswered() {
      return answered;
    }

    @Override
    public List<String> results() {
      return end.join().get();
    }

    @Override
    public BrokerException abandon(String why, Throwable cause) {
      abandoned.complete(why);
      OutcomeUnknown unknown = new OutcomeUnknown("abandoned: " + why, cause);
      fail(() -> unknown);
      return unknown;
    }
  }

  /** A thread that asks. */
  private static final class Asking {
    private final CompletableFuture<List<String>> result = new CompletableFuture<>();
    private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    private final Thread thread;

    Asking(Supplier<List<String>> call) {
      thread =
          Thread.startVirtualThread(() -> {
            try {
              result.complete(call.get());
            } catch (RuntimeException | Error e) {
              result.completeExceptionally(e);
            }
            interrupted.complete(Thread.currentThread().isInterrupted());
          });
    }

    List<String> get() throws Exception {
      return result.get(30, TimeUnit.SECONDS);
    }

    Throwable failure() {
      Throwable thrown = catchThrowable(this::get);
      assertThat(thrown).isInstanceOf(ExecutionException.class);
      return thrown.getCause();
    }
  }

  private static Part part(String text, int count) {
    return new Part(text.getBytes(StandardCharsets.UTF_8), count);
  }

  private Asking ask(String text, int count) {
    return new Asking(() -> gatherer.call("k", part(text, count), LONG));
  }

  /** Asks, and comes back when that waits to be gathered. */
  private Asking waits(String text, int count) {
    int before = gatherer.waiting();
    Asking asking = ask(text, count);
    while (gatherer.waiting() == before) {
      Thread.onSpinWait();
    }
    return asking;
  }

  @Test
  void whoComesFirstGoesAtOnceAndAlone() throws Exception {
    Asking asking = ask("a", 2);
    Sent sent = road.next();
    assertThat(sent.texts()).containsExactly("a");
    sent.succeed();
    assertThat(asking.get()).containsExactly("a0", "a1");
  }

  @Test
  void whatComesMeanwhileGoesTogetherInItsOrderAndEachGetsItsOwnResults() throws Exception {
    Asking first = ask("a", 1);
    Sent alone = road.next();
    Asking second = waits("b", 1);
    Asking third = waits("c", 2);
    assertThat(road.begun).isEmpty();
    alone.succeed();
    Sent together = road.next();
    assertThat(together.texts()).containsExactly("b", "c");
    together.succeed();
    assertThat(first.get()).containsExactly("a0");
    assertThat(second.get()).containsExactly("b0");
    assertThat(third.get()).containsExactly("c0", "c1");
  }

  @Test
  void asManyRequestsAreUnderWayAsTheLimitSaysAndEachHasItsShareOfTheCallers() throws Exception {
    Gatherer<String, String> two = new Gatherer<>(new Gatherer.Capacity(4, 100, 2, LONG), road);
    List<Asking> asking = new ArrayList<>();
    asking.add(new Asking(() -> two.call("k", part("a", 1), LONG)));
    Sent first = road.next();
    asking.add(new Asking(() -> two.call("k", part("b", 1), LONG)));
    Sent second = road.next();
    for (String text : List.of("c", "d", "e", "f")) {
      asking.add(new Asking(() -> two.call("k", part(text, 1), LONG)));
    }
    while (two.waiting() < 4) {
      Thread.onSpinWait();
    }
    assertThat(road.begun).isEmpty();
    second.succeed();
    Sent third = road.next();
    assertThat(third.texts()).hasSize(3); // Of the five that wait or are under way.
    first.succeed();
    Sent fourth = road.next();
    assertThat(fourth.texts()).hasSize(1);
    third.succeed();
    fourth.succeed();
    for (Asking each : asking) {
      assertThat(each.get()).hasSize(1);
    }
  }

  @Test
  void whoHasWaitedForCompanyTooLongGoesAlone() throws Exception {
    Gatherer<String, String> impatient =
        new Gatherer<>(new Gatherer.Capacity(4, 100, 1, Duration.ofMillis(1)), road);
    Asking first = new Asking(() -> impatient.call("k", part("a", 1), LONG));
    Sent stuck = road.next();
    Asking second = new Asking(() -> impatient.call("k", part("b", 1), LONG));
    Sent alone = road.next();
    assertThat(alone.texts()).containsExactly("b");
    alone.succeed();
    assertThat(second.get()).containsExactly("b0");
    assertThat(impatient.waiting()).isZero();
    stuck.succeed();
    assertThat(first.get()).containsExactly("a0");
  }

  @Test
  void aFaultOfTheCarrierTakesNoRoomAway() throws Exception {
    for (int i = 0; i < 3; i++) {
      road.fault = new OutOfMemoryError("injected");
      assertThat(ask("a", 1).failure()).isSameAs(road.fault);
    }
    road.fault = null;
    Asking asking = ask("b", 1);
    road.next().succeed();
    assertThat(asking.get()).containsExactly("b0");
  }

  @Test
  void theResultsOfOneCallerAreNotThoseOfAnother() throws Exception {
    Asking first = ask("a", 1);
    Sent alone = road.next();
    Asking second = waits("b", 1);
    Asking third = waits("c", 2);
    alone.succeed();
    road.next().succeed();
    first.get().clear();
    second.get().clear();
    assertThat(third.get()).containsExactly("c0", "c1");
  }

  @Test
  void whatIsOfAnotherKindDoesNotGoTogetherNorWaitForIt() throws Exception {
    Asking first = ask("a", 1);
    Sent one = road.next();
    Asking other = new Asking(() -> gatherer.call("other", part("b", 1), LONG));
    Sent two = road.next();
    assertThat(two.kind).isEqualTo("other");
    two.succeed();
    assertThat(other.get()).containsExactly("b0");
    one.succeed();
    assertThat(first.get()).containsExactly("a0");
  }

  @Test
  void noRequestHasMoreEntriesOrBytesThanTheLimitSays() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    waits("b", 3);
    waits("c", 1);
    waits("d", 1);
    String large = "e".repeat(60);
    waits(large, 1);
    waits("f".repeat(41), 1);
    first.succeed();
    Sent byEntries = road.next();
    assertThat(byEntries.texts()).containsExactly("b", "c");
    byEntries.succeed();
    Sent byBytes = road.next();
    assertThat(byBytes.texts()).containsExactly("d", large);
    byBytes.succeed();
    Sent last = road.next();
    assertThat(last.texts()).containsExactly("f".repeat(41));
    last.succeed();
  }

  @Test
  void whatFillsARequestDoesNotWaitForOthers() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    Asking many = ask("b", 4);
    Sent second = road.next();
    Asking large = ask("c".repeat(100), 1);
    Sent third = road.next();
    third.succeed();
    second.succeed();
    assertThat(many.get()).hasSize(4);
    assertThat(large.get()).hasSize(1);
    first.succeed();
  }

  @Test
  void whoIsRefusedTogetherWithOthersAsksAgainAloneAndOnlyTheBadOneFails() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    Asking good = waits("good", 1);
    Asking bad = waits("bad", 1);
    first.succeed();
    road.next().refuse(() -> new Rejected("body", "line 2 is bad"));
    for (int i = 0; i < 2; i++) {
      Sent alone = road.next();
      if (alone.texts().equals(List.of("bad"))) {
        alone.refuse(() -> new Rejected("body", "line 1 is bad"));
      } else {
        alone.succeed();
      }
    }
    assertThat(good.get()).containsExactly("good0");
    assertThat(bad.failure()).isInstanceOf(Rejected.class).hasMessageContaining("line 1");
  }

  @Test
  void whoIsRefusedAloneDoesNotAskAgain() throws Exception {
    Asking asking = ask("a", 1);
    road.next().refuse(() -> new QueueFull("full"));
    assertThat(asking.failure()).isInstanceOf(QueueFull.class);
    assertThat(road.begun).isEmpty();
  }

  @Test
  void whereItIsNotKnownWhatWasDoneAllAreToldSoAndNobodyAsksAgain() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    Asking second = waits("b", 1);
    Asking third = waits("c", 1);
    first.succeed();
    road.next().refuse(() -> new OutcomeUnknown("502", new IllegalStateException()));
    assertThat(second.failure()).isInstanceOf(OutcomeUnknown.class);
    assertThat(third.failure()).isInstanceOf(OutcomeUnknown.class).isNotSameAs(second.failure());
    assertThat(road.begun).isEmpty();
  }

  @Test
  void whereThereIsNoConnectionAllAreToldSoAndTheNextGo() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    Asking second = waits("b", 1);
    Asking third = waits("c", 1);
    first.fail(() -> new Unavailable("refused"));
    Sent together = road.next();
    together.fail(() -> new Unavailable("refused"));
    assertThat(second.failure()).isInstanceOf(Unavailable.class);
    assertThat(third.failure()).isInstanceOf(Unavailable.class);
    Asking next = ask("d", 1);
    road.next().succeed();
    assertThat(next.get()).containsExactly("d0");
  }

  @Test
  void anInterruptTakesOutWhatHasNotGone() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    Asking leaves = waits("b", 1);
    Asking stays = waits("c", 1);
    leaves.thread.interrupt();
    assertThat(leaves.failure()).isInstanceOf(Unavailable.class).hasMessageContaining("not sent");
    assertThat(leaves.interrupted.get()).isTrue();
    first.succeed();
    Sent next = road.next();
    assertThat(next.texts()).containsExactly("c");
    next.succeed();
    assertThat(stays.get()).containsExactly("c0");
  }

  @Test
  void anInterruptDoesNotEndARequestThatOthersWaitForAndTheLastOneDoes() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    Asking second = waits("b", 1);
    Asking third = waits("c", 1);
    first.succeed();
    Sent together = road.next();
    second.thread.interrupt();
    assertThat(second.failure()).isInstanceOf(OutcomeUnknown.class).hasMessageContaining("left");
    assertThat(together.abandoned).isNotDone();
    third.thread.interrupt();
    assertThat(third.failure()).hasMessageContaining("abandoned: interrupted");
    assertThat(together.abandoned).isCompleted();
    Asking next = ask("d", 1);
    road.next().succeed();
    assertThat(next.get()).containsExactly("d0");
  }

  @Test
  void whoIsInterruptedAlreadySendsNothing() {
    Asking asking =
        new Asking(() -> {
          Thread.currentThread().interrupt();
          return gatherer.call("k", part("a", 1), LONG);
        });
    assertThat(asking.failure()).isInstanceOf(Unavailable.class);
    assertThat(road.begun).isEmpty();
  }

  @Test
  void aRequestThatIsNeverAnsweredEndsInItsTimeAndMakesRoom() throws Exception {
    Asking asking = new Asking(() -> gatherer.call("k", part("a", 1), Duration.ofMillis(20)));
    Sent silent = road.next();
    assertThat(asking.failure())
        .isInstanceOf(OutcomeUnknown.class)
        .hasMessageContaining("no answer within 20ms");
    assertThat(silent.abandoned).isCompleted();
    Asking next = ask("b", 1);
    road.next().succeed();
    assertThat(next.get()).containsExactly("b0");
  }

  @Test
  void whoWaitsToBeGatheredForTooLongIsNotSent() throws Exception {
    ask("a", 1);
    Sent silent = road.next();
    assertThatThrownBy(() -> gatherer.call("k", part("b", 1), Duration.ofMillis(20)))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("no answer within 20ms");
    silent.succeed();
    assertThat(gatherer.waiting()).isZero();
    assertThat(road.begun).isEmpty();
  }

  @Test
  void afterACloseAllThatWaitAreToldThatTheyWereNotSent() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    List<Asking> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiting.add(waits("w", 3));
    }
    road.closed = () -> new Unavailable("closed");
    first.fail(() -> new Unavailable("closed"));
    for (Asking each : waiting) {
      assertThat(each.failure()).isInstanceOf(Unavailable.class).hasMessage("closed");
    }
    assertThat(gatherer.waiting()).isZero();
  }

  @Test
  void aFaultIsThrownToAllWhoWaitForIt() throws Exception {
    ask("a", 1);
    Sent first = road.next();
    Asking second = waits("b", 1);
    Asking third = waits("c", 1);
    first.succeed();
    road.next().fail(() -> new IllegalStateException("a fault"));
    assertThat(second.failure()).isInstanceOf(IllegalStateException.class);
    assertThat(third.failure()).isInstanceOf(IllegalStateException.class);
    Asking next = ask("d", 1);
    road.next().succeed();
    assertThat(next.get()).containsExactly("d0");
  }

  @Test
  void manyThreadsGetTheirOwnResultsInTheOrderInWhichEachAsks() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    List<String> arrived = new ArrayList<>();
    Thread server =
        Thread.startVirtualThread(() -> {
          try {
            while (over.getCount() > 0) {
              Sent sent = road.begun.poll(1, TimeUnit.MILLISECONDS);
              if (sent != null) {
                arrived.addAll(sent.texts());
                sent.succeed();
              }
            }
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    List<Asking> threads = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      String name = i + ":";
      threads.add(
          new Asking(() -> {
            List<String> all = new ArrayList<>();
            for (int n = 0; n < 100; n++) {
              all.addAll(gatherer.call("k", part(name + n + "/", 1), LONG));
            }
            return all;
          }));
    }
    for (int i = 0; i < threads.size(); i++) {
      List<String> expected = new ArrayList<>();
      for (int n = 0; n < 100; n++) {
        expected.add(i + ":" + n + "/0");
      }
      assertThat(threads.get(i).get()).isEqualTo(expected);
    }
    over.countDown();
    server.join();
    assertThat(arrived).hasSize(3_200).doesNotHaveDuplicates();
    for (int i = 0; i < 32; i++) {
      String name = i + ":";
      assertThat(arrived.stream().filter(text -> text.startsWith(name)))
          .hasSize(100)
          .isSortedAccordingTo((a, b) -> number(a) - number(b));
    }
  }

  private static int number(String text) {
    return Integer.parseInt(text.substring(text.indexOf(':') + 1, text.length() - 1));
  }
}
