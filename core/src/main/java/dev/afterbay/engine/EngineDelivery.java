package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.Receipt;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One attempt, held by a receiver of this process. */
final class EngineDelivery implements Delivery {

  private final EngineReceiver receiver;
  private final Job job;
  private final AtomicBoolean ended = new AtomicBoolean();

  /** The job under its latest lease; the job itself for at-most-once, which has none. */
  private volatile Job current;

  /** A settle may have been done, though its caller was not told. */
  private volatile boolean unknown;

  EngineDelivery(EngineReceiver receiver, Job job) {
    this.receiver = receiver;
    this.job = job;
    this.current = job;
  }

  @Override
  public Job job() {
    return job;
  }

  @Override
  public Instant leasedUntil() {
    Engine engine = receiver.engine;
    return isAtMostOnce()
        ? engine.clock().now().wall()
        : engine.clock().now().wallAt(current.lease().untilTick());
  }

  @Override
  public void renew() {
    if (isAtMostOnce()) {
      return;
    }
    requireOpen();
    Lease old = current.lease();
    long untilTick = receiver.engine.clock().now().tick() + receiver.leaseMillis();
    Change renew = new Change.Renew(job.id(), old.fence(), untilTick);
    if (!(receiver.engine.store.commit(Commit.written(renew)) instanceof Committed.Done)) {
      ended.set(true);
      receiver.settled(this);
      throw lost();
    }
    current = current.with(current.state().renewed(old.until(untilTick)), null);
  }

  @Override
  public boolean cancelRequested() {
    List<Job> found = receiver.engine.store.find(List.of(job.id()), false);
    return !found.isEmpty() && found.getFirst().state().cancelRequested();
  }

  @Override
  public JobContext context() {
    return isAtMostOnce()
        ? EngineContext.Forgotten.INSTANCE
        : new EngineContext(receiver.engine, job.id(), job.lease().fence());
  }

  @Override
  public void settle(Outcome outcome) {
    if (!ended.compareAndSet(false, true)) {
      throw lost();
    }
    receiver.settled(this);
    if (!isAtMostOnce()) {
      try {
        new Settling(receiver.engine).settle(current, job.lease().fence(), outcome, unknown);
      } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown e) {
        if (e instanceof BrokerException.OutcomeUnknown) {
          unknown = true;
        }
        ended.set(false);
        receiver.notSettled(this);
        throw e;
      }
    }
  }

  @Override
  public Receipt detach() {
    requireOpen();
    ended.set(true);
    receiver.settled(this);
    return isAtMostOnce() ? Tokens.atMostOnce(job.id()) : Tokens.receipt(job.id(), job.lease());
  }

  /** The receiver closes: answers whether there is something to hand back. */
  boolean end() {
    boolean mine = ended.compareAndSet(false, true);
    if (mine) {
      receiver.settled(this);
    }
    return mine;
  }

  /** The job under its latest lease. */
  Job current() {
    return current;
  }

  /** Nobody can settle it any more. */
  boolean hasLapsed(Moment now) {
    return current.lease().hasLapsed(now);
  }

  boolean isAtMostOnce() {
    return job.status() instanceof Status.Gone;
  }

  private void requireOpen() {
    if (ended.get()) {
      throw lost();
    }
  }

  private BrokerException lost() {
    return new BrokerException.LeaseLost(job.id().toString());
  }
}
