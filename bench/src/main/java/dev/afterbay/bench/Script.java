package dev.afterbay.bench;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one connection sends. */
sealed interface Script {

  /** The next request; null: that was all. */
  @Nullable ByteBuffer next();

  /**
   * Takes the answer.
   *
   * @return messages that were dealt with
   * @throws IllegalStateException if it is not the one that it should be
   */
  int answered(Reply reply);

  /** Whether the time of the request that was answered last is of interest. */
  default boolean isTimed() {
    return true;
  }

  private static void require(Reply reply, int status) {
    if (reply.status() != status) {
      throw new IllegalStateException("answered " + reply.status() + ": " + reply.text());
    }
  }

  /**
   * How much all connections together may do; for one thread. Its time begins with the first
   * request, and not while connections are opened, which takes a while with TLS.
   */
  final class Budget {
    private final long nanos;
    private long began;
    private boolean hasBegun;
    private long left;

    private Budget(long items, long nanos) {
      left = items;
      this.nanos = nanos;
    }

    static Budget of(Task task) {
      return new Budget(task.items(), task.time().toNanos());
    }

    boolean isSpent() {
      if (!hasBegun) {
        hasBegun = true;
        began = System.nanoTime();
      }
      return left <= 0 || System.nanoTime() - began >= nanos;
    }

    void spend(int items) {
      left -= items;
    }
  }

  /** The same request again and again. */
  final class Same implements Script {
    private static final int CREATED = 201;

    private final ByteBuffer request;
    private final int items;
    private final Budget budget;

    Same(byte[] request, int items, Budget budget) {
      this.request = ByteBuffer.wrap(request);
      this.items = items;
      this.budget = budget;
    }

    @Override
    public @Nullable ByteBuffer next() {
      if (budget.isSpent()) {
        return null;
      }
      budget.spend(items);
      return request.rewind();
    }

    @Override
    public int answered(Reply reply) {
      require(reply, CREATED);
      return items;
    }
  }

  /** Receives, settles what it received, receives again. */
  final class Work implements Script {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;
    private static final int WAIT_MILLIS = 50;

    private final String queue;
    private final ByteBuffer receive;
    private final Budget budget;
    private List<String> receipts = List.of();
    private boolean receiving;

    Work(String queue, int batch, Budget budget) {
      this.queue = queue;
      this.receive = ByteBuffer.wrap(Requests.receive(queue, batch, WAIT_MILLIS));
      this.budget = budget;
    }

    @Override
    public @Nullable ByteBuffer next() {
      receiving = receipts.isEmpty();
      if (!receiving) {
        return ByteBuffer.wrap(Requests.settle(queue, receipts));
      }
      return budget.isSpent() ? null : receive.rewind();
    }

    @Override
    public int answered(Reply reply) {
      if (receiving && reply.status() == UNAVAILABLE) {
        return 0; // The answers to others fill the memory: it asks again.
      }
      require(reply, OK);
      int settled = receipts.size();
      if (receiving) {
        receipts = reply.receipts();
        return 0;
      }
      if (reply.contains("\"ok\":false")) {
        throw new IllegalStateException("not settled: " + reply.text());
      }
      receipts = List.of();
      budget.spend(settled);
      return settled;
    }

    @Override
    public boolean isTimed() {
      return receiving;
    }
  }

  /** Requests that were made before, each once. */
  final class Each implements Script {
    private static final int OK = 200;

    private final SnsMessages.Reader messages;

    Each(SnsMessages.Reader messages) {
      this.messages = messages;
    }

    @Override
    public @Nullable ByteBuffer next() {
      return messages.next();
    }

    @Override
    public int answered(Reply reply) {
      require(reply, OK);
      return 1;
    }
  }
}
