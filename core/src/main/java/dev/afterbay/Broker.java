package dev.afterbay;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A place that keeps queues: the engine in this process, a server elsewhere, SQS, Service Bus.
 *
 * <pre>{@code
 * try (Broker broker = Broker.onDisk(Path.of("data"))) {
 *   Queue orders = broker.queue("orders");
 *   orders.send(Message.of("order", "two teapots"));
 *   try (Worker worker = Worker.of(orders).consume("order", delivery -> ship(delivery)).start()) {
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>Every method of this API blocks. Call it from virtual threads; interrupt them to cancel. What
 * goes wrong is a {@link BrokerException}; a programmer's error is an IllegalArgumentException or
 * IllegalStateException.
 */
public interface Broker extends AutoCloseable {

  /** Most queues of one page. */
  int QUEUES_PAGE_MAX = 1_000;

  /** A broker that forgets everything when it is closed: for tests, and where losing is fine. */
  static Broker inMemory() {
    return Providers.inMemory();
  }

  /**
   * A broker in this process that keeps everything in a directory, which is made if it is not
   * there. With settings of one's own: {@code RocksStore.open} and {@code Engine.open}.
   *
   * @throws IllegalStateException if {@code afterbay-rocksdb} is not there
   * @throws IllegalArgumentException if the path is no directory of this machine
   */
  static Broker onDisk(Path directory) {
    return Providers.onDisk(directory);
  }

  /**
   * A server elsewhere. Nothing is sent before the broker is used. With a token, TLS or timeouts of
   * one's own: {@code HttpBroker.builder}.
   *
   * @param server such as {@code http://127.0.0.1:8080}; a path in it is put before ours
   * @throws IllegalStateException if {@code afterbay-client} is not there
   * @throws IllegalArgumentException if it is no address of a server
   */
  static Broker connect(URI server) {
    return Providers.connect(server);
  }

  /**
   * The queue of that name. Costs nothing; a queue comes to exist with its first message, or when
   * it is configured.
   *
   * @throws BrokerException.Rejected if the name is not 1-128 of {@code A-Za-z0-9._-}
   */
  Queue queue(String name);

  /** The queue of that name for values of one type. */
  default <T> TypedQueue<T> queue(String name, Codec<T> codec) {
    return new TypedQueue<>(queue(name), codec);
  }

  /**
   * The queue of that name for values of one type, which travel as JSON ({@link Codec#json}).
   *
   * @throws IllegalStateException if {@code afterbay-client} is not there
   */
  default <T> TypedQueue<T> queue(String name, Class<T> type) {
    return queue(name, Codec.json(type));
  }

  /**
   * Sends messages to several queues: all or none, under the limits and errors of {@link
   * Queue#send}.
   *
   * @return in the order given
   * @throws BrokerException.Unsupported if they are for more than one queue and the broker writes
   *     to one at a time
   */
  default List<SendResult> send(List<Addressed> messages) {
    if (messages.isEmpty()) {
      return List.of();
    }
    String first = messages.getFirst().queue();
    if (!messages.stream().allMatch(each -> each.queue().equals(first))) {
      throw new BrokerException.Unsupported(
          "this broker does not send to several queues at once: send to one after the other");
    }
    return queue(first).send(messages.stream().map(Addressed::message).toList());
  }

  /** A message, and the queue it is for. */
  record Addressed(String queue, Message message) {
    public Addressed {
      Message.requireName("queue", queue);
    }
  }

  /** Names of the queues that exist, sorted. There may be many: {@link #queues(String, int)}. */
  default List<String> queues() {
    List<String> all = new ArrayList<>();
    List<String> page = queues(null, QUEUES_PAGE_MAX);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = page.size() < QUEUES_PAGE_MAX ? List.of() : queues(page.getLast(), QUEUES_PAGE_MAX);
    }
    return all;
  }

  /**
   * Names of the queues that exist, sorted, of those after the given name the first ones; fewer
   * than {@code max} if there are no more.
   *
   * @param after null: from the first on
   * @param max 1 to {@link #QUEUES_PAGE_MAX}
   */
  List<String> queues(@Nullable String after, int max);

  /** The record of every job, or empty where the broker keeps none (SQS, Service Bus). */
  Optional<Jobs> jobs();

  /** Jobs that come by themselves, or empty where the broker has no schedules. */
  default Optional<Schedules> schedules() {
    return Optional.empty();
  }

  /** Hands back every open delivery and releases what the broker holds. */
  @Override
  void close();

  /**
   * Opens the brokers of a module: those of {@link Broker#onDisk} and {@link Broker#connect}, found
   * by {@link java.util.ServiceLoader}. For who writes such a module; users call {@link Broker}.
   */
  interface Provider {

    /** The schemes of the addresses that it opens, in lower case, such as {@code file}. */
    Set<String> schemes();

    /**
     * Opens a broker with the standard settings. Closing it closes all that was opened for it.
     *
     * @param address has one of the {@link #schemes()}
     * @throws IllegalArgumentException if there can be no broker at that address
     */
    Broker open(URI address);
  }
}
