package dev.afterbay.rocksdb;

import dev.afterbay.store.Clock;
import dev.afterbay.store.EarliestAlarm;
import dev.afterbay.store.Ledger;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that uses the ledger. It takes all requests that have gathered, runs them, and has
 * what they came to written, as one group. Meanwhile the next one gathers: the busier the store,
 * the larger the groups.
 *
 * <p>Between groups it does what time asks for, woken by an alarm of the clock.
 */
final class Sequencer {

  /** Limits of one group, so that nobody waits for a batch without end. */
  private static final int GROUP_REQUESTS_MAX = 2_048;

  private static final long GROUP_BYTES_MAX =
      Math.min(8L << 20, Runtime.getRuntime().maxMemory() / 32);

  private final Ledger ledger;
  private final Clock clock;
  private final RocksTables tables;
  private final Syncer syncer;
  private final Failure failure;
  private final Inbox inbox = new Inbox();
  private final Thread thread;
  private volatile boolean alarmed = true;
  private volatile boolean ending;
  private final EarliestAlarm alarm;
  private final List<Request<?>> group = new ArrayList<>();

  Sequencer(Ledger ledger, RocksTables tables, Syncer syncer, Failure failure) {
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
  void accept(Request<?> request) {
    switch (inbox.push(request)) {
      case FIRST -> LockSupport.unpark(thread);
      case BEHIND -> {}
      case CLOSED -> throw failure.unavailable();
    }
  }

  /** Does what was handed over before, and ends. */
  void end() throws InterruptedException {
    ending = true;
    LockSupport.unpark(thread);
    thread.join();
  }

  private void run() {
    try {
      while (failure.reason() == null) {
        Request<?> chain = inbox.takeAll();
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
      failure.set(Reason.of(e), e);
    } catch (Throwable e) {
      failure.set("the ledger failed: " + Reason.of(e), e);
    }
    alarm.cancel();
    group.forEach(request -> request.refuse(failure));
    refuse(inbox.close());
  }

  private void sequence(Request<?> chain) {
    Request<?> at = chain;
    try {
      while (at != null) {
        ledger.promote();
        while (at != null
            && group.size() < GROUP_REQUESTS_MAX
            && tables.bytesGathered() < GROUP_BYTES_MAX) {
          Request<?> request = at;
          at = request.next;
          request.next = null;
          group.add(request);
          request.run();
        }
        write();
      }
    } catch (RuntimeException | Error e) {
      refuseLater(at);
      throw e;
    }
  }

  /** Writes what the group came to, and answers it, or leaves that to the syncer. */
  private void write() {
    if (failure.reason() != null) {
      throw failure.unavailable();
    }
    ledger.write();
    for (Request<?> request : group) {
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

  private void refuseLater(@Nullable Request<?> chain) {
    for (Request<?> at = chain; at != null; at = at.next) {
      group.add(at);
    }
  }

  private void refuse(@Nullable Request<?> chain) {
    Request<?> at = chain;
    while (at != null) {
      Request<?> next = at.next;
      at.refuse(failure);
      at = next;
    }
  }
}
