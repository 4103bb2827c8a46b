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
    implements Gatherer.Carrier<Envelope, R> {

  private static final byte[] NOT_WRITTEN = {};

  @Override
  public Gatherer.Trip<R> begin(Envelope envelope, List<Gatherer.Part> parts) {
    int count = parts.stream().mapToInt(Gatherer.Part::count).sum();
    PendingReply reply = link.begin(envelope.call(parts), link.patience().answer());
    return new OnItsWay(reply, envelope, count);
  }

  private final class OnItsWay implements Gatherer.Trip<R> {
    private final PendingReply reply;
    private final Envelope envelope;
    private final int count;

    OnItsWay(PendingReply reply, Envelope envelope, int count) {
      this.reply = reply;
      this.envelope = envelope;
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
      return reply.get(envelope.subject()).read(bytes -> reader.apply(bytes, count));
    }

    @Override
    public BrokerException abandon(String why, Throwable cause) {
      return reply.abandon(why, cause);
    }
  }

  @Override
  public BrokerException notSent(Envelope envelope, String why) {
    return link.notSent(unwritten(envelope), why);
  }

  @Override
  public BrokerException left(Envelope envelope, String why, Throwable cause) {
    return link.left(unwritten(envelope), why, cause);
  }

  private static HttpTransport.Call unwritten(Envelope envelope) {
    return HttpTransport.Call.post(envelope.path(), NOT_WRITTEN);
  }
}
