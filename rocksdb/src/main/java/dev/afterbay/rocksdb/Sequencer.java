package dev.afterbay.rocksdb;

import dev.afterbay.store.Clock;
import dev.afterbay.store.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that uses the ledger. It takes all requests that have gathered, runs them, and
 * hands what they came to over to the {@link Writer}, as one group. While both do that, the next
 * one gathers: the busier the store, the larger the groups.
 *
 * <p>Between groups it does what time asks for, woken by an alarm of the clock.
 */
final class Sequencer {

  /** Limits of one group, so that nobody waits for a batch without end. */
  private static final int GROUP_REQUESTS_MAX = 2_048;

  private static final long GROUP_BYTES_MAX = 8L << 20;

  /** A smaller group is written sooner than another thread would wake up to do it. */
  private static final long HANDED_OVER_BYTES_MIN = 16L << 10;

  private final Ledger ledger;
  private final Clock clock;
  private final RocksTables tables;
  private final Writer writer;
  private final Failure failure;
  private final Inbox inbox = new Inbox();
  private final Thread thread;
  private volatile boolean alarmed = true;
  private volatile boolean ending;
  private Clock.@Nullable Alarm alarm;
  private long alarmTick = Long.MAX_VALUE;
  private List<Request<?>> group = new ArrayList<>();

  Sequencer(Ledger ledger, RocksTables tables, Writer writer, Failure failure) {
    this.ledger = ledger;
    this.clock = ledger.clock();
    this.tables = tables;
    this.writer = writer;
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
    } catch (TablesFailed e) {
      failure.set("the store", e);
    } catch (Throwable e) {
      failure.set("the ledger", e);
    }
    if (alarm != null) {
      alarm.cancel();
    }
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
        submit();
      }
    } catch (RuntimeException | Error e) {
      refuseLater(at);
      throw e;
    }
  }

  private void submit() {
    boolean small = tables.bytesGathered() < HANDED_OVER_BYTES_MIN;
    Runnable told = ledger.write();
    List<Request<?>> requests = group;
    group = new ArrayList<>();
    writer.submit(requests, told, small);
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
    submit();
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
