package dev.afterbay.client;

import static dev.afterbay.client.HttpTransport.Call.get;

import dev.afterbay.BrokerException;
import dev.afterbay.DeadLetters;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueStats;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.SendResult;
import dev.afterbay.Session;
import dev.afterbay.Settlement;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.MessageWire;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.QueueWire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** A queue of a server elsewhere. */
final class HttpQueue implements Queue {

  private final HttpBroker broker;
  private final HttpTransport link;
  private final String name;
  private final String path;
  private final Problem.Subject subject;

  /** Made once: each call looks for those who ask for the same. */
  private final BatchCall sending;

  private final BatchCall settling;

  HttpQueue(HttpBroker broker, String name) {
    this.broker = broker;
    this.link = broker.link();
    this.name = name;
    this.path = "/queues/" + name;
    this.subject = Problem.Subject.of(name);
    this.sending = BatchCall.lines(path + "/messages/batch", subject);
    this.settling = BatchCall.array(path + "/settle", "settlements", "", subject);
  }

  @Override
  public String name() {
    return name;
  }

  HttpBroker broker() {
    return broker;
  }

  String path() {
    return path;
  }

  Problem.Subject subject() {
    return subject;
  }

  BatchCall settling() {
    return settling;
  }

  @Override
  public Limits limits() {
    return broker.limits();
  }

  @Override
  public List<SendResult> send(List<Message> messages) {
    if (messages.isEmpty()) {
      return List.of();
    }
    Instant since = Instant.now();
    try {
      return broker.gathered().send(sending, messages, MessageWire::write);
    } catch (BrokerException e) {
      throw e.at(new BrokerException.Context(name, null, "POST " + sending.path(), since));
    }
  }

  @Override
  public Receiver receiver(ReceiveOptions receiving) {
    return new HttpReceiver(this, receiving, null);
  }

  @Override
  public Optional<Session> session(
      @Nullable String session, Duration wait, ReceiveOptions receiving)
      throws InterruptedException {
    Duration left = wait;
    while (true) {
      Duration step = HttpWait.step(left);
      HttpWait.Named call =
          HttpWait.Named.post(
              path + "/sessions/accept", json -> writeAccept(json, session, step, receiving));
      HttpTransport.Reply reply = new HttpWait(link, call, step, subject).await();
      left = left.minus(step);
      if (reply.status() != 204) {
        HttpSession accepted =
            new HttpSession(this, receiving, reply.read(HttpSession.Shown::read));
        return Optional.of(accepted);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (left.isZero()) {
        return Optional.empty();
      }
    }
  }

  private static void writeAccept(
      JsonGenerator json, @Nullable String session, Duration wait, ReceiveOptions receiving) {
    MessageWire.writeText(json, "session", session);
    MessageWire.writeDuration(json, "wait", wait);
    MessageWire.writeDuration(json, "lease", receiving.lease());
    json.writeStringProperty("consumer", receiving.consumer());
  }

  @Override
  public Session session(Session.Token token, ReceiveOptions receiving) {
    String at = path + "/sessions/" + HttpTransport.encode(token.value());
    HttpTransport.Reply reply = link.call(get(at), Problem.Subject.of(name));
    return new HttpSession(this, receiving, reply.read(HttpSession.Shown::read));
  }

  /** {@inheritDoc} The limit in bytes is the server's. */
  @Override
  public List<Job> peek(int max, long bytesMax) {
    String query = "?include=job&limit=" + Math.min(max, Receiver.RECEIVE_MAX);
    return link
        .call(get(path + "/peek" + query).bringingMessages(), subject)
        .read(bytes -> DeliveryWire.read(bytes, max))
        .stream()
        .map(DeliveryWire.Received::job)
        .toList();
  }

  @Override
  public List<Optional<BrokerException>> settle(List<Settlement> settlements) {
    return Thread.currentThread().isInterrupted()
        ? Closing.get(() -> settle(settlements, link.patience().close()))
        : settle(settlements, some -> broker.gathered().settle(this, some));
  }

  /** As {@link #settle(List)}, where each thousand of them goes at once and may take so long. */
  List<Optional<BrokerException>> settle(List<Settlement> settlements, Duration within) {
    return settle(settlements, some -> broker.gathered().settle(this, some, within));
  }

  private static List<Optional<BrokerException>> settle(
      List<Settlement> settlements, Function<List<Settlement>, List<DeliveryWire.Result>> page) {
    return inPages(
        settlements,
        some -> page.apply(some).stream().map(HttpQueue::exception).toList(),
        Optional::of);
  }

  /**
   * Asks for a thousand at a time. What one request fails with is the result of its own entries, as
   * others went well; it is thrown where all of them fail.
   */
  static <T, R> List<R> inPages(
      List<T> all, Function<List<T>, List<R>> page, Function<BrokerException, R> failed) {
    List<R> results = new ArrayList<>(all.size());
    BrokerException first = null;
    boolean answered = false;
    for (int from = 0; from < all.size(); from += DeliveryWire.SETTLE_MAX) {
      List<T> some = all.subList(from, Math.min(all.size(), from + DeliveryWire.SETTLE_MAX));
      try {
        results.addAll(page.apply(some));
        answered = true;
      } catch (BrokerException e) {
        first = first == null ? e : first;
        results.addAll(Collections.nCopies(some.size(), failed.apply(e)));
      }
    }
    if (first != null && !answered) {
      throw first;
    }
    return results;
  }

  @Override
  public List<Optional<BrokerException>> renew(List<Receipt> receipts, @Nullable Duration lease) {
    return renewed(receipts, lease).stream().map(Renewed::problem).toList();
  }

  /**
   * What became of one renewal.
   *
   * @param until the new end of the lease; null: it was not said, or there is none
   */
  record Renewed(Optional<BrokerException> problem, @Nullable Instant until) {}

  /** As {@link #renew}, with the new ends of the leases. */
  List<Renewed> renewed(List<Receipt> receipts, @Nullable Duration lease) {
    return inPages(
        receipts, some -> renewPage(some, lease), e -> new Renewed(Optional.of(e), null));
  }

  private List<Renewed> renewPage(List<Receipt> some, @Nullable Duration lease) {
    return broker.gathered().renew(this, some, lease).stream()
        .map(result -> new Renewed(exception(result), result.leasedUntil()))
        .toList();
  }

  static Optional<BrokerException> exception(DeliveryWire.Result result) {
    return exception(result, "receipt", Problem.Subject.of("receipt"));
  }

  static Optional<BrokerException> exception(
      DeliveryWire.Result result, String field, Problem.Subject subject) {
    String error = result.error();
    if (error == null) {
      return Optional.empty();
    }
    String detail = result.detail() == null ? error : result.detail();
    return Optional.of(Problem.exception(new Problem.Said(error, detail, field), subject));
  }

  static byte[] object(Consumer<JsonGenerator> members) {
    return Json.write(json -> {
      json.writeStartObject();
      members.accept(json);
      json.writeEndObject();
    });
  }

  @Override
  public JobContext context(Receipt receipt) {
    return new HttpContext(link, path, receipt);
  }

  @Override
  public QueueStats stats() {
    HttpTransport.Reply reply = link.find(get(path), subject);
    return reply == null ? QueueStats.EMPTY : reply.read(QueueWire::readShown).stats();
  }

  @Override
  public Optional<DeadLetters> deadLetters() {
    return Optional.of(new HttpDeadLetters(link, name));
  }

  @Override
  public Optional<QueueAdmin> admin() {
    return Optional.of(new HttpQueueAdmin(link, name));
  }
}
