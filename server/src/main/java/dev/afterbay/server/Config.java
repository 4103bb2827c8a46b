package dev.afterbay.server;

import dev.afterbay.Limits;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Schedules;
import dev.afterbay.SessionKeys;
import dev.afterbay.http.HttpApiSettings;
import dev.afterbay.http.TlsSettings;
import dev.afterbay.http.sns.Regions;
import dev.afterbay.http.sns.SnsSettings;
import dev.afterbay.http.sns.SnsTopic;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.HandlerFactory;
import dev.afterbay.worker.Worker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that an operator can decide (config.md). The records hold what was decided, checked and
 * complete; the constants are the defaults, and {@link ConfigReader} knows the names.
 *
 * @param data folder of the embedded store
 * @param callers which names and whose word about the caller count, on all addresses
 * @param admin where dashboard, admin routes and metrics have an address of their own; null: with
 *     the rest
 * @param shutdownGrace how long running handlers may take to finish when the server is stopped
 * @param memory bytes that the process may take in all; null: what its memory group or the machine
 *     has
 * @param limits of messages
 * @param queues settings of the queues that the file names
 * @param defaults settings of queues that come to exist by themselves
 * @param schedules those that the file names, which are put with the start
 * @param log how it is written
 */
record Config(
    Path data,
    StoreKind store,
    Listen http,
    HttpApiSettings.Callers callers,
    @Nullable Listen admin,
    Auth auth,
    Duration shutdownGrace,
    Disk disk,
    @Nullable Long memory,
    Limits limits,
    boolean autoCreateQueues,
    boolean validateTypes,
    Map<String, QueueSettings> queues,
    QueueSettings defaults,
    Sns sns,
    List<WorkerEntry> workers,
    Map<String, Schedules.Definition> schedules,
    LogSettings log) {
  static final Path DATA = Path.of("./data");
  static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);

  /** Largest setting of {@code limits.batch} and {@code limits.attributes}: 256 MiB. */
  static final int BATCH_BYTES_MAX = 256 << 20;

  /** Largest body or batch for this heap: on its way to the disk it is there up to eight times. */
  static long sendBytesMax() {
    return Runtime.getRuntime().maxMemory() / 16;
  }

  /**
   * What a queue has that says nothing about itself: other attempts if a worker serves it that is
   * patient.
   */
  QueueSettings defaultsOf(String queue) {
    return isPatient(workers, queue) ? QueueReader.served(defaults) : defaults;
  }

  /** Whether a worker waits for days for what it calls. */
  static boolean isPatient(List<WorkerEntry> workers, String queue) {
    return workers.stream()
        .anyMatch(entry -> entry.queue().equals(queue) && entry.kind().isPatient());
  }

  /** What a queue has when it comes to exist, also again: as it is named, else its defaults. */
  QueueSettings settingsOf(String queue) {
    QueueSettings named = queues.get(queue);
    return named == null ? defaultsOf(queue) : named;
  }

  /** What the jobs are kept in. */
  enum StoreKind {
    ROCKSDB,
    MEMORY
  }

  /** Who may call; http-api.md, Who may call. */
  enum Auth {
    AUTO,
    TOKENS,
    NONE
  }

  /**
   * Where to listen.
   *
   * @param host the address as the operator wrote it
   * @param port 0: any free one
   * @param tls null: in clear text
   * @param http3 whether HTTP/3 is spoken there, too
   */
  record Listen(String host, int port, @Nullable TlsSettings tls, boolean http3) {
    static final String HOST = "127.0.0.1";
    static final int PORT = 8080;

    /** Without HTTP/3. */
    Listen(String host, int port, @Nullable TlsSettings tls) {
      this(host, port, tls, false);
    }

    /** In clear text. */
    Listen(String host, int port) {
      this(host, port, null);
    }

    /** Where it is when it listens on that port, such as {@code https://127.0.0.1:8080}. */
    String url(int actualPort) {
      String shown = host.contains(":") ? "[" + host + "]" : host;
      return (tls == null ? "http://" : "https://") + shown + ":" + actualPort;
    }

    /** Only this machine can call; false if the host name is not known any more. */
    boolean isLoopback() {
      try {
        return InetAddress.getByName(host).isLoopbackAddress();
      } catch (UnknownHostException e) {
        return false;
      }
    }
  }

  /**
   * Bytes of disk that are kept free; null: as the store computes them from the file system.
   *
   * @param reserve kept by the store, so that it can finish what it began
   * @param lowWater below it nothing more is accepted
   */
  record Disk(@Nullable Long reserve, @Nullable Long lowWater) {}

  /**
   * The SNS webhook.
   *
   * @param listen an address of its own for {@code /sns/*} and health; null: with the rest
   * @param certDir certificates that are trusted without a fetch
   */
  record Sns(
      List<Source> sources,
      @Nullable Listen listen,
      SnsSettings settings,
      OnUnsubscribe onUnsubscribe,
      @Nullable Path certDir,
      Regions regions) {}

  enum OnUnsubscribe {
    ALERT,
    RESUBSCRIBE
  }

  /**
   * A topic and where its messages go.
   *
   * @param name the last part of its own path, {@code /sns/<name>}
   * @param sessions in which session of the queue a message is
   */
  record Source(String name, String queue, SnsTopic topic, SessionKeys sessions) {}

  /**
   * A handler that runs inside the server.
   *
   * @param type which job types; {@link Worker#ANY}: those that have no entry of their own
   * @param timeout of one attempt
   * @param kind who made the target
   */
  record WorkerEntry(
      String queue,
      String type,
      int concurrency,
      Duration timeout,
      boolean stackTraces,
      HandlerFactory kind,
      Target target) {
    static final int CONCURRENCY = 10;
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** A queue with a patient worker has no end of attempts, but an end of patience. */
    static final Duration GIVE_UP_AFTER = Duration.ofDays(14);

    boolean handles(String other) {
      return type.equals(Worker.ANY) || type.equals(other);
    }

    /**
     * What a kind of handlers made of its section.
     *
     * @param section to say where it is wrong
     */
    record Target(ConfigSection section, HandlerFactory.Configured configured) {

      /**
       * @throws ConfigException if the settings turn out to be wrong now
       */
      Handler open(Queue queue) {
        return section.checked(() -> configured.open(queue));
      }
    }
  }
}
