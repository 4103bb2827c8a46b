package dev.afterbay.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The launcher of the checkout that this program is from, as a user calls it. */
final class Launcher {

  private Launcher() {}

  /**
   * A server with its data in that folder, on a port of its own choice.
   *
   * @param options of the JVM
   */
  static ProcessBuilder serve(Path data, String options) throws IOException {
    return serve(data, options, 0);
  }

  /**
   * @param port where it listens; 0: of its own choice
   */
  static ProcessBuilder serve(Path data, String options, int port) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            checkout().resolve("afterbay").toString(),
            "serve",
            "--data",
            data.toString(),
            "--port",
            Integer.toString(port));
    builder.environment().keySet().removeIf(name -> name.startsWith("AFTERBAY_"));
    builder.environment().put("AFTERBAY_JAVA_OPTS", options);
    return builder;
  }

  /** The launcher makes the cache when it has built, and takes none that is older than the jar. */
  static boolean hasCache() throws IOException {
    Path checkout = findCheckout();
    if (checkout == null) {
      return false;
    }
    Path jar = jar(checkout);
    Path cache = jar.resolveSibling("afterbay.aot");
    return Files.exists(jar)
        && Files.exists(cache)
        && Files.size(cache) > 0
        && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) > 0;
  }

  static void requireCache() throws IOException {
    Path jar = jar(checkout());
    if (!hasCache()) {
      throw new IOException(
          "the launcher has no cache for " + jar + ": run ./afterbay --version, which makes it");
    }
  }

  private static Path jar(Path checkout) {
    return checkout.resolve("server").resolve("target").resolve("afterbay.jar");
  }

  private static Path checkout() throws IOException {
    Path found = findCheckout();
    if (found == null) {
      throw new IOException("the launcher is not here: run it from a checkout");
    }
    return found;
  }

  /** The folder with the launcher, above the one that this class was loaded from. */
  private static @Nullable Path findCheckout() throws IOException {
    Path at;
    try {
      at =
          Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI())
              .toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new IOException("where this program is cannot be told", e);
    }
    while (at != null && !Files.isExecutable(at.resolve("afterbay"))) {
      at = at.getParent();
    }
    return at;
  }
}
