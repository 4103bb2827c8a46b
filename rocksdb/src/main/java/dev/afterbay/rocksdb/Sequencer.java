package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.ledger.EarliestAlarm;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.store.Clock;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that uses the ledger. It takes all requests that have gathered, runs them, and has
 * their changes written, as one group. Meanwhile the next one gathers: the busier the store, the
 * larger the groups.
 *
 * <p>Between groups it does what time asks for, woken by an alarm of the clock.
 */
final class Sequencer {

  /** Limits of one group, so that nobody waits for a batch without end. */
  private static final int GROUP_REQUESTS_MAX = 2_048;

  private static final long GROUP_BYTES_MAX =
      Math.min(8L << 20, Runtime.getRuntime().maxMemory() / 32);

  private static final Duration END_MAX = Duration.ofSeconds(5);

  private final Ledger ledger;
  private final Clock clock;
  private final RocksTables tables;
  private final Syncer syncer;
  private final StoreFailure failure;
  private final RequestQueue inbox = new RequestQueue();
  private final Thread thread;
  private volatile boolean alarmed = true;
  private volatile boolean ending;
  private final EarliestAlarm alarm;
  private final List<StoreRequest<?>> group = new ArrayList<>();

  /** Taken, and not in a group yet. */
  private @Nullable StoreRequest<?> rest;

  Sequencer(Ledger ledger, RocksTables tables, Syncer syncer, StoreFailure failure) {
    this.ledger = ledger;
    this.clock = ledger.clock();
    this.alarm = new EarliestAlarm(clock, this::ring);
    this.tables = tables;
    this.syncer = syncer;
    this.failure = failure;
    this.thread = Thread.ofPlatform().daemon().name("afterbay-ledger").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Hands over a request, whose caller then awaits it. */
  void accept(StoreRequest<?> request) {
    switch (inbox.push(request)) {
      case FIRST -> LockSupport.unpark(thread);
      case BEHIND -> {}
      case CLOSED -> throw failure.unavailable();
    }
  }

  /**
   * Does what was handed over before, and ends.
   *
   * @param slow is run if that takes long
   */
  void end(Runnable slow) throws InterruptedException {
    ending = true;
    LockSupport.unpark(thread);
    if (!thread.join(END_MAX)) {
      slow.run();
    }
    thread.join();
  }

  private void run() {
    try {
      while (failure.reason() == null) {
        StoreRequest<?> chain = inbox.takeAll();
        if (chain != null) {
          sequence(chain);
        } else if (ending) {
          promote();
          break;
        } else {
          idle();
        }
      }
    } catch (TablesFailed | UncheckedIOException e) {
      failure.stop("", e);
    } catch (Throwable e) {
      failure.stop("the ledger failed: ", e);
    } finally {
      refuseAll();
      alarm.cancel();
    }
  }

  /** Makes nothing but the refusals: there may be no memory left. */
  private void refuseAll() {
    for (int i = 0; i < group.size(); i++) {
      group.get(i).refuse(failure);
    }
    StoreRequest.refuseAll(rest, failure);
    StoreRequest.refuseAll(inbox.close(), failure);
  }

  private void sequence(StoreRequest<?> chain) {
    rest = chain;
    while (rest != null) {
      ledger.promote();
      while (rest != null
          && group.size() < GROUP_REQUESTS_MAX
          && tables.bytesGathered() < GROUP_BYTES_MAX) {
        StoreRequest<?> request = rest;
        group.add(request);
        rest = request.next;
        request.next = null;
        request.run();
      }
      write();
    }
  }

  /**
   * Nobody shall wait for a disk that stays full. For the thread of the ledger, while a write waits
   * for room: what it writes happens later, and whatever comes meanwhile certainly did not.
   */
  void refuse(BrokerException.DiskFull full) {
    if (!Thread.currentThread().equals(thread)) {
      return;
    }
    group.forEach(request -> request.refuse(full));
    group.clear();
    refuse(rest, full);
    rest = null;
    refuse(inbox.takeAll(), full);
  }

  private static void refuse(@Nullable StoreRequest<?> chain, BrokerException.DiskFull full) {
    StoreRequest<?> at = chain;
    while (at != null) {
      StoreRequest<?> next = at.next;
      at.refuse(full);
      at = next;
    }
  }

  /** Writes the changes of the group, and answers it, or leaves that to the syncer. */
  private void write() {
    if (failure.reason() != null) {
      throw failure.unavailable();
    }
    ledger.write();
    for (StoreRequest<?> request : group) {
      if (request.isSynced()) {
        syncer.whenSynced(request);
      } else {
        request.release();
      }
    }
    group.clear();
  }

  /** Does what time asks for, and sleeps until there is a request or time asks again. */
  private void idle() {
    alarmed = false;
    long next = promote();
    if (next <= clock.now().tick()) {
      return;
    }
    alarm.by(next);
    while (inbox.isEmpty() && !alarmed && !ending && failure.reason() == null) {
      LockSupport.park(this);
    }
  }

  private long promote() {
    long next = ledger.promote();
    write();
    return next;
  }

  private void ring() {
    alarmed = true;
    LockSupport.unpark(thread);
  }
}
