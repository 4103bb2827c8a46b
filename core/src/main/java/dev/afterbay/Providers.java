package dev.afterbay;

import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Finds who opens the brokers and makes the codecs that the API only names. */
final class Providers {
  /*
   * The only place of this package that knows the rooms behind it, so that a user finds every
   * broker from one type.
   */

  /** Ours, so that an error can name what to add. */
  private static final Map<String, String> ARTIFACTS =
      Map.of("file", "afterbay-rocksdb", "http", "afterbay-client", "https", "afterbay-client");

  private Providers() {}

  static Broker inMemory() {
    return Engine.owning(MemoryStore.open());
  }

  static Broker onDisk(Path directory) {
    if (!directory.getFileSystem().equals(FileSystems.getDefault())) {
      throw new IllegalArgumentException(
          "a data directory must be on a disk, not in an archive or the like: " + directory);
    }
    return open(directory.toAbsolutePath().toUri(), "Broker.onDisk");
  }

  static Broker connect(URI address) {
    if (address.getScheme() == null) {
      throw wrong(address, Set.of());
    }
    return open(address, "Broker.connect");
  }

  static <T> Codec<T> json(Class<T> type) {
    return find(Codec.Provider.class, _ -> true)
        .orElseThrow(() -> new MissingModuleException("a JSON codec", "afterbay-client"))
        .json(type);
  }

  private static Broker open(URI address, String asked) {
    String scheme = address.getScheme().toLowerCase(Locale.ROOT);
    Set<String> known = new TreeSet<>();
    Optional<Broker.Provider> provider =
        find(
            Broker.Provider.class,
            each -> {
              known.addAll(each.schemes());
              return each.schemes().contains(scheme);
            });
    if (provider.isPresent()) {
      return provider.get().open(address);
    }
    String artifact = ARTIFACTS.get(scheme);
    throw artifact == null ? wrong(address, known) : new MissingModuleException(asked, artifact);
  }

  private static IllegalArgumentException wrong(URI address, Set<String> known) {
    Set<String> schemes = new TreeSet<>(known);
    schemes.addAll(ARTIFACTS.keySet());
    return new IllegalArgumentException(
        "the address of a broker must begin with "
            + String.join(": or ", schemes)
            + ":, such as http://127.0.0.1:8080, not "
            + PlainText.address(address));
  }

  /** Of the thread's class loader, else of ours: a container may have either without the other. */
  private static <S> Optional<S> find(Class<S> service, Predicate<S> fits) {
    ServiceConfigurationError broken = null;
    for (ClassLoader loader : loaders(service)) {
      try {
        Optional<S> found =
            ServiceLoader.load(service, loader).stream()
                .map(ServiceLoader.Provider::get)
                .filter(fits)
                .findFirst();
        if (found.isPresent()) {
          return found;
        }
      } catch (ServiceConfigurationError e) {
        broken = e; // Of somebody else, perhaps: the other loader may have ours.
      }
    }
    if (broken != null) {
      throw broken;
    }
    return Optional.empty();
  }

  private static List<ClassLoader> loaders(Class<?> service) {
    ClassLoader own = service.getClassLoader();
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null || context.equals(own) ? List.of(own) : List.of(context, own);
  }
}
