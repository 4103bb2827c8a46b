package dev.afterbay.client;

import dev.afterbay.BrokerException;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Carries gathered calls to a server.
 *
 * @param reader reads an answer, which must have so many results
 */
record HttpCarrier<R>(HttpTransport link, BiFunction<byte[], Integer, List<R>> reader)
    implements Gatherer.Carrier<BatchCall, R> {

  private static final byte[] NOT_WRITTEN = {};

  @Override
  public Gatherer.Trip<R> begin(BatchCall batch, List<Gatherer.Part> parts) {
    int count = count(parts); // Before it is sent: what fails then was certainly not.
    PendingReply reply = link.begin(batch.call(parts), link.patience().answer());
    return new OnItsWay(reply, batch, count);
  }

  @Override
  public Gatherer.Trip<R> carry(
      BatchCall batch, List<Gatherer.Part> parts, Gatherer.TimeLimit limit) {
    int count = count(parts);
    PendingReply reply = link.carry(batch.call(parts), limit.within(), limit.deadline());
    return new OnItsWay(reply, batch, count);
  }

  private static int count(List<Gatherer.Part> parts) {
    return parts.stream().mapToInt(Gatherer.Part::count).sum();
  }

  private final class OnItsWay implements Gatherer.Trip<R> {
    private final PendingReply reply;
    private final BatchCall batch;
    private final int count;

    OnItsWay(PendingReply reply, BatchCall batch, int count) {
      this.reply = reply;
      this.batch = batch;
      this.count = count;
    }

    @Override
    public void whenEnded(Runnable then) {
      reply.whenDone(then);
    }

    @Override
    public boolean isAnswered() {
      return reply.isAnswered();
    }

    @Override
    public List<R> results() {
      return reply.get(batch.subject()).read(bytes -> reader.apply(bytes, count));
    }

    @Override
    public BrokerException abandon(String why, Throwable cause) {
      return reply.abandon(why, cause);
    }
  }

  @Override
  public BrokerException notSent(BatchCall batch, String why) {
    return link.notSent(unwritten(batch), why);
  }

  @Override
  public BrokerException left(BatchCall batch, String why, Throwable cause) {
    return link.left(unwritten(batch), why, cause);
  }

  private static HttpTransport.Call unwritten(BatchCall batch) {
    return HttpTransport.Call.post(batch.path(), NOT_WRITTEN);
  }
}
