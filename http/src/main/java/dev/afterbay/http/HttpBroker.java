package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Jobs;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker elsewhere, reached over HTTP: the client end of {@link HttpDoor}.
 *
 * <p>A connection that is refused is {@link BrokerException.Unavailable}; one that breaks after a
 * change was sent is {@link BrokerException.OutcomeUnknown}. Deliveries are leased, so what a
 * client that died had comes back when its leases lapse.
 */
public final class HttpBroker implements Broker {

  private static final Logger LOG = LoggerFactory.getLogger(HttpBroker.class);
  private static final int QUEUES_MAX = 1_000_000;

  private final Link link;
  private final Set<HttpReceiver> receivers = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Limits limits;

  private HttpBroker(Link link) {
    this.link = link;
  }

  /**
   * A server. Nothing is sent before the broker is used.
   *
   * @param server such as {@code http://127.0.0.1:8080}; a path in it is put before ours
   */
  public static HttpBroker of(URI server) {
    String text = server.toString();
    String base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    return new HttpBroker(new Link(URI.create(base)));
  }

  @Override
  public Queue queue(String name) {
    return new HttpQueue(this, Message.requireName("queue", name));
  }

  @Override
  public List<String> queues() {
    Link.Reply reply = link.call(Link.Call.get("/queues"), Problem.Subject.of("queues"));
    return reply.read(HttpBroker::readNames);
  }

  private static List<String> readNames(byte[] bytes) {
    List<String> names = new ArrayList<>();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(field ->
          field.equals("queues")
              && json.array(
                  field,
                  QUEUES_MAX,
                  () ->
                      json.object(
                          field,
                          name ->
                              name.equals("name")
                                  && names.add(json.required(name, json.text(name))))));
    }
    return names;
  }

  @Override
  public Optional<Jobs> jobs() {
    return Optional.of(new HttpJobs(link));
  }

  /** The limits of the server, asked for once. */
  Limits limits() {
    Limits known = limits;
    if (known == null) {
      known =
          link.call(Link.Call.get("/version"), Problem.Subject.of("version"))
              .read(LimitsWire::read);
      limits = known;
    }
    return known;
  }

  Link link() {
    return link;
  }

  void opened(HttpReceiver receiver) {
    receivers.add(receiver);
  }

  void closed(HttpReceiver receiver) {
    receivers.remove(receiver);
  }

  @Override
  public void close() {
    for (HttpReceiver receiver : List.copyOf(receivers)) {
      try {
        receiver.close();
      } catch (BrokerException e) {
        LOG.warn("a receiver could not hand back what it had: its leases lapse", e);
      }
    }
    link.close();
  }
}
