package dev.afterbay.server;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueSettings;
import dev.afterbay.Schedules;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.engine.Engine;
import dev.afterbay.http.HttpApi;
import dev.afterbay.http.HttpApiServices;
import dev.afterbay.http.HttpApiSettings;
import dev.afterbay.http.ListenerTls;
import dev.afterbay.server.Config.Listen;
import dev.afterbay.server.Config.StoreKind;
import dev.afterbay.server.Config.WorkerEntry;
import dev.afterbay.store.Store;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A running server: store, engine, API and workers, put together as the configuration says.
 *
 * <p>They are opened in that order and closed in the reverse, so that nothing is ever without what
 * it stands on, and the API still answers what remote consumers settle while handlers finish.
 */
final class Server implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Server.class.getName());

  private final Config config;
  private final Engine engine;
  private final HttpApi api;

  /** How to close what was opened, the latest first. */
  private final Deque<Runnable> opened;

  private Server(Config config, Engine engine, HttpApi api, Deque<Runnable> opened) {
    this.config = config;
    this.engine = engine;
    this.api = api;
    this.opened = opened;
  }

  /**
   * Starts; on return it takes calls.
   *
   * @throws ConfigException if the configuration contradicts what the store holds
   * @throws dev.afterbay.rocksdb.StoreException if the store cannot be opened
   * @throws IOException if an address cannot be listened on; the message names it
   */
  static Server start(Config config) throws Exception {
    logStart(config);
    ProcessMemory memory = ProcessMemory.of(config.memory());
    memory.check();
    int connections =
        FileDescriptors.ofProcess()
            .connections(HttpApiSettings.Bounds.STANDARD.connections(), config);
    HttpApiSettings settings = apiSettings(config, connections);
    Deque<Runnable> opened = new ArrayDeque<>();
    try {
      Store store = ConfiguredStore.open(config, memory);
      opened.push(store::close);
      Engine engine = Engine.open(store, engineSettings(config));
      opened.push(engine::close);
      HttpApiServices.Steps steps = steps(config, engine, opened);
      configureQueues(config, engine);
      putSchedules(config, engine);
      SnsParts sns = SnsParts.of(config, engine, store);
      opened.push(sns::close);
      HttpApi api =
          HttpApi.open(
              settings,
              services(config, engine, () -> store.health().reasons(), sns)
                  .steps(steps)
                  .backups(store::backup));
      opened.push(api::close);
      opened.push(ConfiguredWorkers.start(config, engine)::close);
      Server server = new Server(config, engine, api, opened);
      server.logAddresses();
      return server;
    } catch (Exception e) {
      try {
        closeAll(opened);
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private static void logStart(Config config) {
    LOG.log(
        Level.INFO,
        "starting, data in "
            + (config.store() == StoreKind.MEMORY
                ? "memory"
                : config.data().toAbsolutePath().normalize()));
  }

  /** Logs each step of each message, if that is wanted. */
  private static HttpApiServices.Steps steps(Config config, Engine engine, Deque<Runnable> opened) {
    if (!config.log().messages()) {
      return HttpApiServices.Steps.NONE;
    }
    if (!LOG.isLoggable(Level.INFO)) {
      LOG.log(
          Level.WARNING,
          "log.messages is true, but no message is logged: log.level must be info, or below it");
      return HttpApiServices.Steps.NONE;
    }
    MessageLog log =
        MessageLog.start(
            engine.events(), () -> engine.clock().now().wall(), LogLines.format(), LogLines::write);
    opened.push(log::close);
    return log;
  }

  private void logAddresses() {
    adminUrl().ifPresent(url -> LOG.log(Level.INFO, "dashboard, admin and metrics: " + url));
    snsUrl().ifPresent(url -> LOG.log(Level.INFO, "SNS: " + url + "/sns/"));
  }

  Engine engine() {
    return engine;
  }

  /** Where it listens, such as {@code http://127.0.0.1:8080}. */
  String url() {
    return config.http().url(api.port());
  }

  /** Where dashboard, admin routes and metrics are, if that is not {@link #url}. */
  Optional<String> adminUrl() {
    return Optional.ofNullable(config.admin())
        .map(listen -> listen.url(api.adminPort().orElseThrow()));
  }

  /** Where the SNS webhook listens besides {@link #url}, if it does. */
  Optional<String> snsUrl() {
    return Optional.ofNullable(config.sns().listen())
        .map(listen -> listen.url(api.snsPort().orElseThrow()));
  }

  /**
   * What the process prints when it takes calls (config.md, Process). Not with a format, which
   * would cost a start 10 ms.
   */
  String readyLine() {
    String store =
        config.store() == StoreKind.MEMORY
            ? "store=memory data=none"
            : "store=rocksdb data=" + config.data();
    long uptimeMillis = ManagementFactory.getRuntimeMXBean().getUptime();
    double seconds = Math.round(uptimeMillis / 10.0) / 100.0;
    return "afterbay ready " + url() + " " + store + " in " + seconds + "s";
  }

  /**
   * Takes no more work in, lets handlers finish for {@code shutdown_grace}, hands back the rest
   * uncounted, and syncs and closes the store.
   */
  @Override
  public void close() {
    if (opened.isEmpty()) {
      return;
    }
    LOG.log(
        Level.INFO,
        "stopping, handlers have " + Durations.format(config.shutdownGrace()) + " to finish");
    api.drain();
    closeAll(opened);
    LOG.log(Level.INFO, "stopped");
  }

  /** Closes all, whatever goes wrong with one of them. */
  private static void closeAll(Deque<Runnable> opened) {
    RuntimeException failure = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().run();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static Engine.Settings engineSettings(Config config) {
    return Engine.Settings.standard()
        .limits(config.limits())
        .defaults(config::settingsOf)
        .autoCreateQueues(config.autoCreateQueues());
  }

  /**
   * Queues that are named come to exist with the start; kept ones that are not stay as they are.
   */
  private static void configureQueues(Config config, Engine engine) {
    config.queues().forEach((name, settings) -> configure(engine.queue(name), settings));
    for (WorkerEntry entry : config.workers()) {
      Queue queue = engine.queue(entry.queue());
      QueueAdmin admin = queue.admin().orElseThrow();
      boolean own = config.queues().containsKey(entry.queue());
      boolean asItCame = !admin.exists() || admin.settings().equals(config.defaults());
      if (!own && asItCame) {
        configure(queue, config.defaultsOf(entry.queue()));
      }
    }
    for (Config.Source source : config.sns().sources()) {
      Queue queue = engine.queue(source.queue());
      if (!queue.admin().orElseThrow().exists()) {
        configure(queue, config.defaults());
      }
    }
  }

  private static void configure(Queue queue, QueueSettings settings) {
    QueueAdmin admin = queue.admin().orElseThrow();
    try {
      if (!admin.exists() || !admin.settings().equals(settings)) {
        admin.configure(settings);
      }
    } catch (BrokerException.Conflict | BrokerException.Rejected e) {
      throw new ConfigException("queues." + queue.name(), "{...}", String.valueOf(e.getMessage()));
    }
  }

  /** One that is there as the file has it stays as it is, and so do those that are not named. */
  private static void putSchedules(Config config, Engine engine) {
    Schedules schedules = engine.schedules().orElseThrow();
    ConfiguredTypes types = new ConfiguredTypes(config.workers(), config.validateTypes());
    config
        .schedules()
        .forEach((name, definition) -> {
          requireTaken(types, "schedules." + name + ".job", definition.job());
          try {
            schedules.put(name, definition);
          } catch (BrokerException.Conflict | BrokerException.Rejected e) {
            throw new ConfigException("schedules." + name, "{...}", String.valueOf(e.getMessage()));
          }
        });
  }

  /** As {@code POST /jobs} would take it. */
  private static void requireTaken(ConfiguredTypes types, String at, Broker.Addressed job) {
    String type = job.message().type();
    if (!types.knows(job.queue(), type)) {
      throw new ConfigException(at + ".job_type", type, "must be a type that a worker handles");
    }
    HttpApiServices.Types.Refusal refusal = types.refusal(job.queue(), job.message());
    if (refusal != null) {
      throw new ConfigException(at, "{...}", refusal.detail());
    }
  }

  private static HttpApiSettings apiSettings(Config config, int connections) {
    HttpApiSettings standard = HttpApiSettings.on(config.http().host(), config.http().port());
    return new HttpApiSettings(
        listener("http", config.http()),
        listenerIfGiven("admin", config.admin()),
        listenerIfGiven("sns", config.sns().listen()),
        config.callers(),
        standard.patience(),
        new HttpApiSettings.Bounds(
            connections, standard.bounds().bodyBytes(), standard.bounds().eventStreams()));
  }

  private static HttpApiSettings.Listener listener(String name, Listen listen) {
    ListenerTls tls = TlsReader.open(name, listen);
    return new HttpApiSettings.Listener(listen.host(), listen.port(), tls, listen.http3());
  }

  private static HttpApiSettings.@Nullable Listener listenerIfGiven(
      String name, @Nullable Listen listen) {
    return listen == null ? null : listener(name, listen);
  }

  private static HttpApiServices services(
      Config config, Engine engine, HttpApiServices.Health health, SnsParts sns) {
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    return new HttpApiServices(
        engine,
        engine.clock()::now,
        (queue, ownAttempts) -> ownAttempts ? config.defaults() : config.defaultsOf(queue),
        health,
        new ConfiguredTypes(config.workers(), config.validateTypes()),
        meters,
        meters::scrape,
        Main.version(),
        sns.api());
  }
}
