package dev.afterbay.rocksdb;

import dev.afterbay.Broker;
import dev.afterbay.engine.Engine;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Opens a {@link RocksStore} and an engine over it: {@link Broker#onDisk}. */
public final class RocksProvider implements Broker.Provider {

  /** For the ServiceLoader. */
  public RocksProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("file");
  }

  @Override
  public Broker open(URI address) {
    Path directory = directory(address);
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new IllegalArgumentException(
          directory + " is a file: name a directory, which need not be there yet");
    }
    return Engine.owning(RocksStore.open(directory, RocksStore.Settings.STANDARD));
  }

  private static Path directory(URI address) {
    try {
      return Path.of(address);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the address of a data directory must be such as file:///var/lib/afterbay: " + address,
          e);
    }
  }
}
