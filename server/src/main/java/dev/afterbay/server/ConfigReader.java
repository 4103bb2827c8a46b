package dev.afterbay.server;

import dev.afterbay.Limits;
import dev.afterbay.QueueSettings;
import dev.afterbay.client.wire.ScheduleWire;
import dev.afterbay.http.HttpApiSettings;
import dev.afterbay.http.TlsSettings;
import dev.afterbay.http.TrustedProxies;
import dev.afterbay.server.Config.Auth;
import dev.afterbay.server.Config.Listen;
import dev.afterbay.server.Config.StoreKind;
import dev.afterbay.server.Config.WorkerEntry;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration: options win over environment variables, these over the file, and what is
 * given nowhere has its default (config.md). Every failure is a {@link ConfigException}.
 */
final class ConfigReader {
  private static final Logger LOG = System.getLogger(ConfigReader.class.getName());

  /** Read if it is there and no other file is named. */
  static final Path FILE = Path.of("afterbay.yaml");

  private static final String STORES = "must be rocksdb or memory";

  private ConfigReader() {}

  /**
   * @param file null: {@link #FILE}, if it is there
   */
  static Config read(@Nullable Path file, Overrides overrides) {
    Config config =
        ConfigSection.top(parse(file), overrides, section -> config(section, overrides));
    Listeners.requireApart(config);
    return config;
  }

  /**
   * Where the server listens, by the section that says so; {@code http} comes first. No other file
   * is looked at.
   */
  static Map<String, Listen> readListeners(@Nullable Path file, Overrides overrides) {
    ConfigSection top = ConfigSection.part(parse(file), overrides);
    Map<String, Listen> listeners = new LinkedHashMap<>();
    listeners.put("http", http(top.section("http"), overrides).listen());
    for (String name : List.of("admin", "sns")) {
      Listen own = ownListen(top.section(name));
      if (own != null) {
        listeners.put(name, own);
      }
    }
    return listeners;
  }

  private static ConfigNode.Mapping parse(@Nullable Path file) {
    Path given = file == null ? FILE : file;
    try {
      return ConfigNode.parse(given.toString(), Files.readString(given));
    } catch (NoSuchFileException e) {
      if (file == null) {
        return ConfigNode.Mapping.EMPTY;
      }
      throw new ConfigException("--config", file.toString(), "must be a file: there is none");
    } catch (IOException e) {
      throw new ConfigException(
          "--config", given.toString(), "must be a readable text file in UTF-8 (" + e + ")");
    }
  }

  private record Http(Listen listen, HttpApiSettings.Callers callers) {}

  private static Config config(ConfigSection top, Overrides overrides) {
    List<WorkerEntry> workers = WorkerReader.workers(top);
    QueueSettings defaults = top.section("defaults", section -> QueueReader.settings(section));
    Path data = top.value("data", Config.DATA, Parsers::folder);
    StoreKind store = store(top);
    Http http = top.section("http", section -> http(section, overrides));
    Listen admin = top.section("admin", ConfigReader::ownListen);
    Auth auth = top.value("auth", Auth.AUTO, ConfigReader::auth);
    requireLoopback(auth, http.listen(), top, "http.address");
    requireLoopback(auth, admin, top, "admin.address");
    Limits limits = top.section("limits", ConfigReader::limits);
    return new Config(
        data,
        store,
        http.listen(),
        http.callers(),
        admin,
        auth,
        top.value("shutdown_grace", Config.SHUTDOWN_GRACE, Parsers::duration),
        top.section("disk", ConfigReader::disk),
        memory(top, overrides),
        limits,
        top.value("auto_create_queues", true, Parsers::bool),
        top.value("validate_types", false, Parsers::bool),
        queues(top, workers),
        defaults,
        top.section("sns", SnsReader::sns),
        workers,
        top.sections(
            "schedules", (_, section) -> ScheduleWire.readDefinition(section.json(), limits)),
        top.section("log", LogSettings::read));
  }

  private static @Nullable Long memory(ConfigSection top, Overrides overrides) {
    Long given = top.value("memory", Parsers::memory);
    return overrides.isSmall() && given == null ? Long.valueOf(ProcessMemory.TOTAL_MIN) : given;
  }

  private static StoreKind store(ConfigSection top) {
    String kind = top.firstNameIn("store");
    if (kind != null) {
      throw new ConfigException("store", "{" + kind + ": ...}", storesBut(kind));
    }
    return top.value(
        "store",
        StoreKind.ROCKSDB,
        text ->
            switch (text) {
              case "rocksdb" -> StoreKind.ROCKSDB;
              case "memory" -> StoreKind.MEMORY;
              default -> throw new IllegalArgumentException(storesBut(text));
            });
  }

  private static String storesBut(String kind) {
    return kind.equals("postgres") ? "PostgreSQL is not in this version; " + STORES : STORES;
  }

  private static Http http(ConfigSection section, Overrides overrides) {
    String host = host(section);
    Integer port = section.value("port", Parsers::port);
    TlsSettings tls = section.section("tls", TlsReader::tls);
    boolean http3 = section.value("http3", false, Parsers::bool);
    if (http3 && tls == null) {
      throw section.refusal(
          "http3",
          "must be given with " + section.name("tls") + ": there is no HTTP/3 in clear text");
    }
    Listen listen = new Listen(host, port == null ? standardPort(overrides) : port, tls, http3);
    return new Http(listen, callers(section));
  }

  private static HttpApiSettings.Callers callers(ConfigSection section) {
    List<String> names = section.values("host_names", Parsers::hostName);
    List<String> proxies = section.values("trusted_proxies", Parsers::network);
    return new HttpApiSettings.Callers(
        names == null ? Set.of() : Set.copyOf(names),
        proxies == null ? TrustedProxies.NONE : TrustedProxies.of(proxies));
  }

  /** Where the platform says, so that it finds the server; nobody said anything else. */
  private static int standardPort(Overrides overrides) {
    String given = overrides.platformPort();
    if (given == null) {
      return Listen.PORT;
    }
    try {
      int port = Parsers.port(given);
      LOG.log(Level.INFO, "http.port is " + port + ", as PORT says, for it is set nowhere else");
      return port;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          Overrides.PLATFORM_PORT, given, e.getMessage() + ", or http.port must be set");
    }
  }

  /** An address of its own, for a part of the routes; null: no port is given. */
  static @Nullable Listen ownListen(ConfigSection section) {
    Integer port = section.value("port", Parsers::port);
    TlsSettings tls = section.section("tls", TlsReader::tls);
    if (port != null) {
      return new Listen(host(section), port, tls);
    }
    String address = section.value("address", Function.identity());
    if (address != null || tls != null) {
      throw new ConfigException(
          section.name("port"), null, "must be given with " + (tls == null ? "an address" : "tls"));
    }
    return null;
  }

  private static String host(ConfigSection section) {
    String host = section.valueHere("address", Parsers::hostForm, Parsers::host);
    return host == null ? Listen.HOST : host;
  }

  private static Config.Disk disk(ConfigSection section) {
    return new Config.Disk(
        section.value("reserve", Parsers::size), section.value("low_water", Parsers::size));
  }

  /**
   * What is sent is in the heap several times on its way to the disk, so its limits follow the
   * heap. A batch takes at least one message, so a larger body makes it larger.
   */
  private static Limits limits(ConfigSection section) {
    Limits standard = Limits.STANDARD;
    int body = sentSize(section, "body", standard.bodyBytesMax(), Limits.BODY_BYTES_MAX);
    int batch = (int) Math.min(standard.batchBytesMax(), Config.sendBytesMax());
    return new Limits(
        body,
        sentSize(section, "attributes", standard.attributesBytesMax(), Config.BATCH_BYTES_MAX),
        standard.batchMessagesMax(),
        sentSize(section, "batch", Math.max(batch, body), Config.BATCH_BYTES_MAX),
        standard.atomicBatches(),
        standard.sessions(),
        standard.jobs());
  }

  /** Of something that is sent, in bytes. */
  static int sentSize(ConfigSection section, String name, int standard, int max) {
    Integer size =
        section.valueHere(name, Parsers.sentSizeUpTo(max), Parsers.sentSizeInHeapUpTo(max));
    return size == null ? standard : size;
  }

  private static Map<String, QueueSettings> queues(ConfigSection top, List<WorkerEntry> workers) {
    return top.sections(
        "queues",
        (name, section) ->
            Config.isPatient(workers, name)
                ? QueueReader.served(section)
                : QueueReader.settings(section));
  }

  private static Auth auth(String text) {
    Auth auth = Parsers.oneOf(Auth.class).apply(text);
    if (auth == Auth.TOKENS) {
      throw new IllegalArgumentException(
          "not in this version; must be auto (this machine only) or none");
    }
    return auth;
  }

  /** There are no tokens yet, so only this machine may call, unless anybody may. */
  private static void requireLoopback(
      Auth auth, @Nullable Listen listen, ConfigSection top, String name) {
    if (auth == Auth.AUTO && listen != null && !listen.isLoopback()) {
      throw top.refusal(
          name,
          "must be a loopback address such as 127.0.0.1 while there are no tokens, unless"
              + " auth: none is said on purpose");
    }
  }
}
