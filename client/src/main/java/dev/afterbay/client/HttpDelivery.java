package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.Outcome;
import dev.afterbay.Receipt;
import dev.afterbay.client.wire.DeliveryWire;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** One attempt, leased from a server elsewhere. */
final class HttpDelivery implements Delivery {

  private final HttpReceiver receiver;
  private final Job job;
  private final Receipt receipt;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile Instant leasedUntil;

  HttpDelivery(HttpReceiver receiver, DeliveryWire.Received received) {
    String text = received.receipt();
    Instant until = received.leasedUntil();
    if (text == null || until == null) {
      throw new BrokerException.Unavailable("the server sent a delivery without a receipt");
    }
    this.receiver = receiver;
    this.job = received.job();
    this.receipt = new Receipt(text);
    this.leasedUntil = until;
  }

  Receipt receipt() {
    return receipt;
  }

  /** Whether this call ended it. */
  boolean end() {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    receiver.settled(this);
    return true;
  }

  @Override
  public Job job() {
    return job;
  }

  @Override
  public Instant leasedUntil() {
    return leasedUntil;
  }

  @Override
  public void renew() {
    if (ended.get()) {
      throw lost();
    }
    HttpQueue.Renewed result =
        receiver.queue.renewed(List.of(receipt), receiver.receiving.lease()).getFirst();
    renewed(result)
        .ifPresent(e -> {
          throw e;
        });
  }

  /** Takes in the answer to a renewal; what went wrong, if it did. */
  Optional<BrokerException> renewed(HttpQueue.Renewed result) {
    Optional<BrokerException> problem = result.problem();
    Instant until = result.until();
    if (problem.isEmpty() && until != null) {
      leasedUntil = until;
    }
    if (problem.isPresent() && problem.get() instanceof BrokerException.LeaseLost) {
      end();
      return Optional.of(lost());
    }
    return problem;
  }

  @Override
  public boolean cancelRequested() {
    return new HttpJobs(receiver.queue.broker().link())
        .find(job.id())
        .map(found -> found.state().cancelRequested())
        .orElse(false);
  }

  @Override
  public JobContext context() {
    return receiver.queue.context(receipt);
  }

  @Override
  public void settle(Outcome outcome) {
    if (!end()) {
      throw lost();
    }
    try {
      receiver.queue.settle(receipt, outcome);
    } catch (BrokerException.LeaseLost _) {
      throw lost();
    } catch (BrokerException e) {
      // Not settled, or perhaps: it may be tried again, and is handed back by a close. If it was
      // settled after all, its receipt is worth nothing, so that neither does any harm.
      ended.set(false);
      receiver.notSettled(this);
      throw e;
    }
  }

  @Override
  public Receipt detach() {
    if (!end()) {
      throw lost();
    }
    return receipt;
  }

  private BrokerException lost() {
    return new BrokerException.LeaseLost(job.id().toString());
  }
}
