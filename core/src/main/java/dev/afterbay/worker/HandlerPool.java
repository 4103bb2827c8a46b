package dev.afterbay.worker;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.Status;
import dev.afterbay.store.Clock;
import dev.afterbay.worker.Breaker.Verdict;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One handler of a worker with its slots and its breaker: sees each delivery to its end. */
final class HandlerPool {

  /*
   * A slot is taken until the outcome is settled, so that a slow store slows the claims. A handler
   * that was interrupted (its time was over, its lease was lost) keeps its slot until its thread
   * ends, but no longer than INTERRUPTED_TICKS_MAX: a hang that ignores interrupts must not starve
   * the queue. Then its thread is left alone, for there is no way to end it, and counted as
   * abandoned; what it answers is dropped. Such threads stay few because timeouts open the breaker.
   *
   * A breaker turns in the same step that calls off the claims for it. Its listener hears of that
   * afterwards, for it may take long, but in order: rejected is to tell right after a turn, where a
   * probe could have failed before the one that let it through has said so.
   *
   * One alarm serves all timeouts: the attempts of a station have the same timeout, so the order of
   * both sets is the order in which they fall due.
   */

  /** How long an interrupted handler keeps its slot. */
  static final long INTERRUPTED_TICKS_MAX = 10_000;

  private static final long NEVER = Long.MAX_VALUE;

  private static final Logger LOG = System.getLogger(Worker.class.getName());

  /**
   * What a station is for.
   *
   * @param type that its handler was given for, {@code *} included
   * @param refuses nobody gave a handler for any type: this one fails what it gets
   */
  record Plan(
      String queue,
      String type,
      Handler handler,
      HandlerOptions handling,
      Consumer<BreakerSettings.Event> listener,
      boolean refuses) {}

  private final Plan plan;
  private final Clock clock;
  private final WorkerLock guard;
  private final Settler settler;
  private final long leaseTicks;
  private final Consumer<BreakerSettings.Event> listener;
  private final ThreadFactory threads;

  /** What its listener has not been told yet, in the order in which it happened. */
  private final Queue<BreakerSettings.Event> untold = new ConcurrentLinkedQueue<>();

  private final ReentrantLock telling = new ReentrantLock();

  /** Those with their handlers or being settled, the oldest first. */
  private final LinkedHashSet<Execution> running = new LinkedHashSet<>();

  /** Those taken from handlers that have not ended yet, the first taken first. */
  private final LinkedHashSet<Execution> interrupted = new LinkedHashSet<>();

  /** Changed under the lock. */
  private volatile Breaker breaker = Breaker.Closed.START;

  /** Attempts whose time was over, and which are being settled. */
  private int settling;

  private int abandoned;

  /** Of those that have a slot. */
  private long bodyBytes;

  private long alarmTick = NEVER;
  private Clock.Alarm alarm = () -> {};

  /**
   * @param leaseTicks how long a lease lives
   */
  HandlerPool(Plan plan, Clock clock, WorkerLock guard, Settler settler, long leaseTicks) {
    this.plan = plan;
    this.clock = clock;
    this.guard = guard;
    this.settler = settler;
    this.leaseTicks = leaseTicks;
    this.listener = plan.listener();
    this.threads = Thread.ofVirtual().name("afterbay-handler-" + this).factory();
  }

  /** Under the lock: how many more deliveries it can take now. */
  int room() {
    int free = plan.handling().concurrency() - running.size() - interrupted.size();
    return breaker.admits(free);
  }

  /** Under the lock: what the bodies take that its handlers have. */
  long bodyBytes() {
    return bodyBytes;
  }

  private static long bytesOf(Execution run) {
    return run.delivery().message().body().length;
  }

  /** What the station does that was given no handler. */
  static Outcome refuse(Delivery delivery) {
    return Outcome.fail(
        Status.Reason.UNKNOWN_TYPE.words()
            + " "
            + delivery.message().type()
            + ": there is no handler for it");
  }

  boolean refuses() {
    return plan.refuses();
  }

  /** Under the lock: takes a slot; null: the breaker is open by now. */
  @Nullable Execution admit(Delivery delivery) {
    Breaker state = breaker;
    if (state.admits(1) == 0) {
      return null;
    }
    breaker = state.begun();
    long now = tick();
    Execution run =
        new Execution(this, delivery, now, now + leaseTicks, state instanceof Breaker.HalfOpen);
    running.add(run);
    bodyBytes += bytesOf(run);
    setAlarm();
    return run;
  }

  Thread thread(Execution run) {
    return threads.newThread(() -> handle(run));
  }

  void notStarted(Execution run, OutOfMemoryError e) {
    LOG.log(Level.ERROR, run + " cannot begin: it is delivered again once its lease has lapsed", e);
    end(run, Verdict.NONE);
  }

  private void handle(Execution run) {
    Verdict verdict = Verdict.FAILURE;
    try {
      Outcome outcome = outcomeOf(run.delivery());
      if (run.take()) {
        Thread.interrupted(); // Whatever the handler left behind must not hit the settle.
        verdict = Verdict.of(outcome);
        settler.settle(this, run, outcome);
      } else {
        verdict = null;
      }
    } finally {
      end(run, verdict);
    }
  }

  private Outcome outcomeOf(Delivery delivery) {
    try {
      return Objects.requireNonNull(plan.handler().handle(delivery), "the handler answered null");
    } catch (PermanentFailure e) {
      return Outcome.fail(Objects.requireNonNullElse(e.getMessage(), e.toString()));
    } catch (Throwable e) {
      LOG.log(Level.DEBUG, () -> this + ": job " + delivery.job().id() + " failed", e);
      if (plan.handling().stackTraces()) {
        StackTrace.keep(e, delivery);
      }
      return Outcome.retry(e.toString());
    }
  }

  /**
   * The thread of a run is at its end: gives the slot back.
   *
   * @param verdict null: whoever took the run from its handler has judged already
   */
  private void end(Execution run, @Nullable Verdict verdict) {
    if (verdict != null) {
      judge(run, verdict);
    }
    guard.change(() -> {
      if (running.remove(run) || interrupted.remove(run)) {
        bodyBytes -= bytesOf(run);
      } else {
        abandoned--;
      }
    });
  }

  private void judge(Execution run, Verdict verdict) {
    BreakerSettings settings = plan.handling().breaker();
    if (settings != null) {
      turn(state -> state.ended(verdict, run.isProbe(), settings, tick()));
    }
  }

  private void turn(UnaryOperator<Breaker> step) {
    Breaker seen = breaker;
    if (!step.apply(seen).equals(seen)) { // Else a success would cost a lock.
      guard.change(() -> turnTo(step.apply(breaker)));
      tell();
    }
  }

  /** Under the lock. */
  private void turnTo(Breaker after) {
    boolean same = breaker.event() == after.event();
    breaker = after;
    if (same) {
      return;
    }
    if (after instanceof Breaker.Open(long until)) {
      clock.at(until, () -> Thread.startVirtualThread(() -> turn(state -> state.at(until))));
    }
    untold.add(
        new BreakerSettings.Event(plan.queue(), plan.type(), after.event(), clock.now().wall()));
  }

  /** Whoever comes while another tells leaves its event to that one. */
  private void tell() {
    while (!untold.isEmpty() && telling.tryLock()) {
      try {
        BreakerSettings.Event event = untold.poll();
        if (event != null) {
          tell(event);
        }
      } finally {
        telling.unlock();
      }
    }
  }

  private void tell(BreakerSettings.Event event) {
    try {
      listener.accept(event);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "the listener of " + this + " failed on " + event, e);
    }
  }

  /** Those whose handlers have not ended. */
  List<Execution> unended() {
    return runs().stream().filter(run -> !run.isTaken()).toList();
  }

  /** The lease of a run is lost: its handler is interrupted, and what it answers is dropped. */
  void lost(Execution run, BrokerException.LeaseLost e) {
    if (takeFromHandler(run, Verdict.NONE)) {
      LOG.log(Level.WARNING, this + " stops " + run + ": " + e.getMessage());
    }
  }

  private List<Execution> runs() {
    return guard.read(() -> List.copyOf(running));
  }

  /** Whether the attempt is ours to end now; its handler is interrupted. */
  private boolean takeFromHandler(Execution run, Verdict verdict) {
    if (!run.take()) {
      return false;
    }
    guard.change(() -> {
      if (running.remove(run)) { // Else its handler ended in this moment.
        run.interruptedTick = tick();
        interrupted.add(run);
        setAlarm();
      }
    });
    run.interrupt();
    judge(run, verdict);
    return true;
  }

  /** Under the lock: sees to it that {@link #sweep} runs when the next attempt falls due. */
  private void setAlarm() {
    long next = Math.min(nextTimeoutTick(), nextAbandonTick());
    if (next < alarmTick) {
      alarm.cancel();
      alarmTick = next;
      alarm = clock.at(next, () -> Thread.startVirtualThread(this::sweep));
    }
  }

  private long nextTimeoutTick() {
    for (Execution run : running) {
      if (!run.isTaken()) {
        return timeoutTick(run);
      }
    }
    return NEVER;
  }

  private long nextAbandonTick() {
    return interrupted.isEmpty()
        ? NEVER
        : interrupted.getFirst().interruptedTick + INTERRUPTED_TICKS_MAX;
  }

  private long timeoutTick(Execution run) {
    Duration timeout = plan.handling().timeout();
    return timeout == null ? NEVER : run.startedTick() + timeout.toMillis();
  }

  private void sweep() {
    guard.change(() -> alarmTick = NEVER);
    for (Execution run : runs()) {
      if (timeoutTick(run) > tick()) {
        break;
      }
      guard.change(() -> settling++); // Before it leaves those that run: a close must wait for it.
      if (takeFromHandler(run, Verdict.FAILURE)) {
        // On a thread of its own, for it may have to be repeated.
        Thread.startVirtualThread(() -> settleTimedOut(run));
      } else {
        guard.change(() -> settling--);
      }
    }
    guard.change(this::abandon);
  }

  private void settleTimedOut(Execution run) {
    try {
      settler.settle(this, run, Outcome.retry("timed out after " + plan.handling().timeout()));
    } finally {
      guard.change(() -> settling--);
    }
  }

  private void abandon() {
    while (nextAbandonTick() <= tick()) {
      Execution run = interrupted.removeFirst();
      bodyBytes -= bytesOf(run);
      abandoned++;
      LOG.log(Level.ERROR, this + " left " + run + " alone: it ignores that it was interrupted");
    }
    setAlarm();
  }

  /** Handlers that ignored an interrupt and still run. */
  int abandoned() {
    return guard.read(() -> abandoned);
  }

  /** Under the lock: nothing is with a handler or being settled. */
  boolean isIdle() {
    return running.isEmpty() && settling == 0;
  }

  /** Interrupts the handlers that still run; whoever calls hands back their jobs. */
  void interrupt() {
    for (Execution run : runs()) {
      takeFromHandler(run, Verdict.NONE);
    }
    guard.change(() -> alarm.cancel());
  }

  private long tick() {
    return clock.now().tick();
  }

  @Override
  public String toString() {
    return plan.queue() + "/" + plan.type();
  }
}
