package dev.afterbay.rocksdb;

import dev.afterbay.store.Clock;
import dev.afterbay.store.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that uses the ledger. It takes all requests that have gathered, runs them, writes
 * what they came to as one batch, and answers those that need no sync; the others go to the {@link
 * Syncer}. While it does, the next group gathers: the busier the store, the larger the groups.
 *
 * <p>Between groups it does what time asks for, woken by an alarm of the clock.
 */
final class Writer {

  /** Limits of one group, so that nobody waits for a batch without end. */
  private static final int GROUP_REQUESTS_MAX = 2_048;

  private static final long GROUP_BYTES_MAX = 8L << 20;

  private final Ledger ledger;
  private final Clock clock;
  private final RocksTables tables;
  private final Syncer syncer;
  private final Failure failure;
  private final Runnable stepWritten;
  private final long stepBytes;
  private final Inbox inbox = new Inbox();
  private final List<Request<?>> group = new ArrayList<>();
  private final Thread thread;
  private volatile boolean alarmed = true;
  private volatile boolean ending;
  private Clock.@Nullable Alarm alarm;
  private long alarmTick = Long.MAX_VALUE;
  private long stepAt;

  Writer(Ledger ledger, RocksTables tables, Syncer syncer, Failure failure, Steps steps) {
    this.ledger = ledger;
    this.clock = ledger.clock();
    this.tables = tables;
    this.syncer = syncer;
    this.failure = failure;
    this.stepWritten = steps.written();
    this.stepBytes = steps.bytes();
    this.thread = Thread.ofPlatform().daemon().name("afterbay-write").unstarted(this::run);
  }

  /** Who wants to know when so many bytes more were written. */
  record Steps(long bytes, Runnable written) {}

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
          write(chain);
        } else if (ending) {
          promote();
          break;
        } else {
          idle();
        }
      }
    } catch (TablesFailed e) {
      failure.set("the store", e);
    } catch (Throwable e) {
      failure.set("the writer", e);
    }
    if (alarm != null) {
      alarm.cancel();
    }
    group.forEach(request -> request.refuse(failure));
    refuse(inbox.close());
  }

  private void write(Request<?> chain) {
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
        ledger.write();
        answer();
      }
    } catch (RuntimeException | Error e) {
      refuseLater(at);
      throw e;
    }
  }

  private void answer() {
    syncer.written(tables.commit());
    for (int i = 0; i < group.size(); i++) {
      Request<?> request = group.get(i);
      if (request.isSynced()) {
        syncer.whenSynced(request);
      } else {
        request.release();
      }
    }
    group.clear();
    if (tables.bytesWritten() >= stepAt) {
      stepAt = tables.bytesWritten() + stepBytes;
      stepWritten.run();
    }
  }

  /** Does what time asks for, and sleeps until there is a request or time asks again. */
  private void idle() {
    alarmed = false;
    long next = promote();
    if (next <= clock.now().tick()) {
      return;
    }
    if (next < alarmTick) {
      if (alarm != null) {
        alarm.cancel();
      }
      alarmTick = next;
      alarm = clock.at(next, this::ring);
    }
    while (inbox.isEmpty() && !alarmed && !ending && failure.reason() == null) {
      LockSupport.park(this);
    }
    if (alarmed) {
      alarmTick = Long.MAX_VALUE;
    }
  }

  private long promote() {
    long next = ledger.promote();
    ledger.write();
    syncer.written(tables.commit());
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
