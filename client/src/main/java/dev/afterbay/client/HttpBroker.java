package dev.afterbay.client;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Jobs;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.PlainText;
import dev.afterbay.Queue;
import dev.afterbay.Schedules;
import dev.afterbay.SendResult;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.LimitsWire;
import dev.afterbay.client.wire.MessageWire;
import dev.afterbay.client.wire.Problem;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A broker elsewhere, reached over HTTP: a server of Afterbay.
 *
 * <p>What was certainly not done is {@link BrokerException.Unavailable}, such as where a connection
 * is refused; a change that may have been done is {@link BrokerException.OutcomeUnknown}, such as
 * where a connection breaks after it was sent. What a proxy between refuses is never {@link
 * BrokerException.Rejected}, unless it is too large for it.
 *
 * <p>Every call ends within 30 s beyond the time that it asks to wait, with {@code Unavailable} or
 * {@code OutcomeUnknown}, and so it does at once when its thread is interrupted, which it then
 * still is. Only settling and closing are not given up because of an interrupt from before: who is
 * cancelled can still say what became of what he had, for 5 s at most. Deliveries are leased: what
 * a client that died had comes back when its leases lapse, and counts as an attempt.
 *
 * <p>What many threads send, settle or renew at the same time goes in few requests: while some are
 * under way for a queue, what comes meanwhile goes together with the next. So share one broker
 * among all threads. A send is all or none by itself, and what is refused of one is not told to
 * another; only where it is not known what a request did, all that went in it are told so.
 *
 * <p>An answer may have an eighth of the largest heap of this program, at most 16 MiB, or 512 MiB
 * where it brings messages: one that is longer is given up, as where a connection breaks. So who
 * receives messages of 64 MiB needs a heap of 1 GiB.
 *
 * <p>It connects directly, without a proxy: all addresses of a name are tried in order within the
 * connect timeout. Connections are kept for 30 s for the next call.
 */
public final class HttpBroker implements Broker {

  private static final System.Logger LOG = System.getLogger(HttpBroker.class.getName());

  private final HttpTransport link;
  private final GatheredCalls gathered;
  private final Set<HttpReceiver> receivers = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Limits limits;

  private HttpBroker(HttpTransport link) {
    this.link = link;
    this.gathered = new GatheredCalls(link);
  }

  /**
   * A server, with standard settings. Nothing is sent before the broker is used.
   *
   * @param server such as {@code http://127.0.0.1:8080}; a path in it is put before ours
   * @throws IllegalArgumentException if it is no address of a server
   */
  public static HttpBroker of(URI server) {
    return builder(server).build();
  }

  /**
   * A server, with a token, TLS, timeouts or headers of one's own.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public static Builder builder(URI server) {
    return new Builder(server);
  }

  static HttpBroker of(URI server, HttpTransport.Patience patience) {
    return builder(server).patience(patience).build();
  }

  /** How a server is reached; all of it is optional. */
  public static final class Builder {

    private final URI base;
    private final List<String> headers = new ArrayList<>();
    private HttpTransport.Patience patience = HttpTransport.Patience.STANDARD;
    private @Nullable SSLContext tls;

    private Builder(URI server) {
      base = ServerAddress.base(server);
    }

    /** Is sent as {@code Authorization: Bearer} with every request: use it over https. */
    public Builder token(String token) {
      if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
        throw new IllegalArgumentException(
            "a token must be printable ASCII characters without blanks");
      }
      headers.add("Authorization");
      headers.add("Bearer " + token);
      return this;
    }

    /**
     * Is sent with every request.
     *
     * @throws IllegalArgumentException if it is no header, or one that HTTP itself needs
     */
    public Builder header(String name, String value) {
      if (!RequestHead.isHeader(name, value)) {
        // Without the value, which may be a secret.
        throw new IllegalArgumentException(
            "the header "
                + PlainText.line(name, 100)
                + " has a name or a value that HTTP does not allow, or is one of the client's own");
      }
      headers.add(name);
      headers.add(value);
      return this;
    }

    /** Whom to trust, and who we are; else as the JDK is set up. */
    public Builder tls(SSLContext tls) {
      this.tls = tls;
      return this;
    }

    /** How long it may take to connect; 5 s if not given. */
    public Builder connectTimeout(Duration timeout) {
      return patience(
          new HttpTransport.Patience(positive(timeout), patience.answer(), patience.close()));
    }

    /**
     * How long a request may take until its whole answer is there, beyond the time that it asks the
     * server to wait; 30 s if not given.
     */
    public Builder requestTimeout(Duration timeout) {
      return patience(
          new HttpTransport.Patience(patience.connect(), positive(timeout), patience.close()));
    }

    /** How long a close may take to hand back what is open; 5 s if not given. */
    public Builder closeTimeout(Duration timeout) {
      return patience(
          new HttpTransport.Patience(patience.connect(), patience.answer(), positive(timeout)));
    }

    private static Duration positive(Duration timeout) {
      if (!timeout.isPositive() || timeout.compareTo(Message.DURATION_MAX) > 0) {
        throw new IllegalArgumentException(
            "a timeout must be more than zero and at most "
                + Message.DURATION_MAX
                + ", not "
                + timeout);
      }
      return timeout;
    }

    Builder patience(HttpTransport.Patience patience) {
      this.patience = patience;
      return this;
    }

    /** Nothing is sent before the broker is used. */
    public HttpBroker build() {
      return new HttpBroker(new HttpTransport(ServerAddress.of(base, tls), patience, headers));
    }
  }

  @Override
  public Queue queue(String name) {
    return new HttpQueue(this, Message.requireName("queue", name));
  }

  @Override
  public List<SendResult> send(List<Addressed> messages) {
    List<String> queues = messages.stream().map(Addressed::queue).distinct().toList();
    if (queues.size() <= 1) {
      return Broker.super.send(messages);
    }
    Problem.Subject subject = Problem.Subject.of(String.join(" or ", queues));
    return gathered.send(BatchCall.lines("/messages/batch", subject), messages, MessageWire::write);
  }

  @Override
  public List<String> queues(@Nullable String after, int max) {
    String from = after == null ? "" : "&after=" + Message.requireName("after", after);
    HttpTransport.Call call = HttpTransport.Call.get("/queues?limit=" + max + from);
    return link.call(call, Problem.Subject.of("queues")).read(HttpBroker::readNames);
  }

  private static List<String> readNames(byte[] bytes) {
    List<String> names = new ArrayList<>();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(field ->
          field.equals("queues")
              && json.array(
                  field,
                  QUEUES_PAGE_MAX,
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

  @Override
  public Optional<Schedules> schedules() {
    return Optional.of(new HttpSchedules(link));
  }

  /** The limits of the server, asked for once. */
  Limits limits() {
    Limits known = limits;
    if (known == null) {
      known =
          link.call(HttpTransport.Call.get("/version"), Problem.Subject.of("version"))
              .read(LimitsWire::read);
      limits = known;
    }
    return known;
  }

  HttpTransport link() {
    return link;
  }

  GatheredCalls gathered() {
    return gathered;
  }

  void opened(HttpReceiver receiver) {
    receivers.add(receiver);
  }

  void closed(HttpReceiver receiver) {
    receivers.remove(receiver);
  }

  /** Within seconds, however many receivers there are, and whether or not the server answers. */
  @Override
  public void close() {
    Map<HttpReceiver, BrokerException> failed = new ConcurrentHashMap<>();
    Closing.uninterrupted(() ->
        Closing.all(
            List.copyOf(receivers).stream()
                .map(receiver -> (Runnable) () -> close(receiver, failed))
                .toList()));
    if (!failed.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          failed.size()
              + " receivers could not hand back what they had, their leases lapse: "
              + failed.values().iterator().next().getMessage());
    }
    link.close();
  }

  private static void close(HttpReceiver receiver, Map<HttpReceiver, BrokerException> failed) {
    try {
      receiver.close();
    } catch (BrokerException e) {
      failed.put(receiver, e);
    }
  }
}
