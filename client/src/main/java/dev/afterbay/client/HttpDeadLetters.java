package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.DeadLetters;
import dev.afterbay.Job;
import dev.afterbay.Receipt;
import dev.afterbay.Receiver;
import dev.afterbay.client.wire.DeadLettersWire;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.MessageWire;
import dev.afterbay.client.wire.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The dead letters of a queue of a server elsewhere. */
final class HttpDeadLetters implements DeadLetters {

  private final HttpTransport link;
  private final String path;
  private final Problem.Subject subject;

  HttpDeadLetters(HttpTransport link, String queue) {
    this.link = link;
    this.path = "/queues/" + queue + "/dead";
    this.subject = Problem.Subject.of(queue);
  }

  @Override
  public Stats stats() {
    return link.call(HttpTransport.Call.get(path + "/stats"), subject)
        .read(DeadLettersWire::readStats);
  }

  /** {@inheritDoc} The limit in bytes is the server's. */
  @Override
  public List<Job> peek(int max, long bytesMax) {
    String at = path + "/peek?include=job&limit=" + Math.min(max, Receiver.RECEIVE_MAX);
    return link
        .call(HttpTransport.Call.get(at).bringingMessages(), subject)
        .read(bytes -> DeliveryWire.read(bytes, Receiver.RECEIVE_MAX))
        .stream()
        .map(DeliveryWire.Received::job)
        .toList();
  }

  /** {@inheritDoc} The limit in bytes is the server's. */
  @Override
  public List<Leased> receive(int max, @Nullable Duration lease, long bytesMax) {
    byte[] body =
        HttpQueue.object(json -> {
          json.writeNumberProperty("max", Math.min(max, Receiver.RECEIVE_MAX));
          MessageWire.writeDuration(json, "lease", lease);
          json.writeStringProperty("include", "job");
        });
    return link
        .call(HttpTransport.Call.ask(path + "/receive", body).bringingMessages(), subject)
        .read(bytes -> DeliveryWire.read(bytes, Receiver.RECEIVE_MAX))
        .stream()
        .map(HttpDeadLetters::leased)
        .toList();
  }

  private static Leased leased(DeliveryWire.Received received) {
    String receipt = received.receipt();
    Instant until = received.leasedUntil();
    if (receipt == null || until == null) {
      throw new BrokerException.Unavailable("the server sent a dead letter without a receipt");
    }
    return new Leased(received.job(), new Receipt(receipt), until);
  }

  @Override
  public List<Optional<BrokerException>> settle(List<Settled> settled) {
    return HttpQueue.inPages(
        settled,
        some ->
            results(
                "/settle",
                HttpQueue.object(json -> DeadLettersWire.writeSettlements(json, some)),
                some.size()),
        Optional::of);
  }

  @Override
  public List<Optional<BrokerException>> renew(List<Receipt> receipts, @Nullable Duration lease) {
    return HttpQueue.inPages(receipts, some -> renewed(some, lease), Optional::of);
  }

  private List<Optional<BrokerException>> renewed(List<Receipt> some, @Nullable Duration lease) {
    byte[] body =
        HttpQueue.object(json -> {
          json.writeArrayPropertyStart("receipts");
          some.forEach(receipt -> json.writeString(receipt.value()));
          json.writeEndArray();
          MessageWire.writeDuration(json, "lease", lease);
        });
    return results("/renew", body, some.size());
  }

  private List<Optional<BrokerException>> results(String what, byte[] body, int asked) {
    return link
        .call(HttpTransport.Call.post(path + what, body), subject)
        .read(bytes -> DeliveryWire.readResults(bytes, asked))
        .stream()
        .map(HttpQueue::exception)
        .toList();
  }
}
