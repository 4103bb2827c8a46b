package dev.afterbay.server;

import dev.afterbay.worker.HandlerFactory;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The kinds of handlers that there are: all that are found, whoever wrote them, on the class path
 * and in the jars of a folder. Those jars share one class loader, so that one can need another.
 */
final class HandlerLoader {
  /** Where jars are looked for unless the configuration says another folder. */
  static final Path FOLDER = Path.of("handlers");

  /** Of an entry that says nothing. */
  private static final String STANDARD = "http";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
  private static final String JAR = ".jar";
  private static final String SERVICES = "META-INF/services/" + HandlerFactory.class.getName();

  /** With the classes that each names as its factories. */
  private final Map<Path, List<String>> jars = new TreeMap<>();

  private @Nullable Map<String, HandlerFactory> kinds;

  /**
   * Looks at the jars of the folder; what is on the class path is looked for where an entry asks,
   * for most servers have none, and the look costs a start.
   *
   * @param folder null: {@link #FOLDER}, if it is there
   * @throws ConfigException if a jar has no kinds that can be used; names the jar
   */
  HandlerLoader(@Nullable Path folder) {
    if (folder != null) {
      read(folder);
    } else if (Files.isDirectory(FOLDER)) {
      read(FOLDER);
    }
    requireOnce();
    if (!jars.isEmpty()) {
      kinds();
    }
  }

  HandlerFactory standard() {
    return named(STANDARD);
  }

  HandlerFactory named(String name) {
    HandlerFactory found = kinds().get(name);
    if (found == null) {
      throw new IllegalArgumentException("must be " + String.join(" or ", kinds().keySet()));
    }
    return found;
  }

  private void read(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (file.toString().endsWith(JAR)) {
          jars.put(file, factories(file));
        }
      }
    } catch (IOException e) {
      throw new ConfigException("handlers", folder.toString(), "must be a readable folder: " + e);
    }
  }

  /** Else one of them would be taken, and nobody could tell which. */
  private void requireOnce() {
    Map<String, Path> places = new HashMap<>();
    jars.forEach((jar, names) -> {
      for (String name : Set.copyOf(names)) {
        Path other = places.put(name, jar);
        if (other != null) {
          throw new ConfigException(
              "handlers",
              jar.toString(),
              "has the factory "
                  + name
                  + ", which is in "
                  + other
                  + ", too: take one of them away");
        }
      }
    });
  }

  private static List<String> factories(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      ZipEntry entry = file.getEntry(SERVICES);
      if (entry == null) {
        return List.of(); // What another one needs.
      }
      String lines = new String(file.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
      return lines
          .lines()
          .map(line -> line.split("#", 2)[0].strip())
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new ConfigException("handlers", jar.toString(), "must be a jar that can be read: " + e);
    }
  }

  private Map<String, HandlerFactory> kinds() {
    if (kinds == null) {
      kinds = all();
    }
    return kinds;
  }

  private Map<String, HandlerFactory> all() {
    Map<String, HandlerFactory> all = new TreeMap<>();
    for (HandlerFactory kind : found()) {
      if (!isOurs(kind)) {
        requireSchema(kind);
      }
      HandlerFactory other = all.put(requireName(kind), kind);
      if (other != null) {
        throw refused(
            kind,
            "has the kind "
                + kind.name()
                + " as "
                + kind.getClass().getName()
                + ", which is there as "
                + other.getClass().getName()
                + ", too: take one of them away");
      }
    }
    return Collections.unmodifiableMap(all);
  }

  /** Those of the class path first, so that a jar is to blame for what is there twice. */
  private List<HandlerFactory> found() {
    List<HandlerFactory> found = new ArrayList<>();
    try {
      ServiceLoader.load(HandlerFactory.class, loader()).stream()
          .map(ServiceLoader.Provider::get)
          .forEach(found::add);
      return found;
    } catch (ServiceConfigurationError | LinkageError e) {
      String reason = e.getMessage() + (e.getCause() == null ? "" : " (" + e.getCause() + ")");
      throw new ConfigException(
          "handlers", jarNamedIn(String.valueOf(e.getMessage())), "cannot be loaded: " + reason);
    }
  }

  private ClassLoader loader() {
    ClassLoader ours = HandlerLoader.class.getClassLoader();
    if (jars.isEmpty()) {
      return ours;
    }
    return new URLClassLoader(
        "handlers", jars.keySet().stream().map(HandlerLoader::url).toArray(URL[]::new), ours);
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new ConfigException("handlers", jar.toString(), "must have a path that is a URL: " + e);
    }
  }

  /** The jar whose factory an error is about. */
  private String jarNamedIn(String error) {
    String dotted = error.replace('/', '.');
    return jars.entrySet().stream()
        .filter(jar ->
            error.contains(jar.getKey().getFileName().toString())
                || jar.getValue().stream().anyMatch(dotted::contains))
        .map(jar -> jar.getKey().toString())
        .findFirst()
        .orElseGet(() -> jars.isEmpty() ? "(class path)" : String.join(", ", names()));
  }

  private List<String> names() {
    return jars.keySet().stream().map(Path::toString).toList();
  }

  private static String requireName(HandlerFactory kind) {
    String name;
    try {
      name = kind.name();
    } catch (RuntimeException | LinkageError e) {
      throw refused(kind, "cannot be used: " + kind.getClass().getName() + " has no name: " + e);
    }
    if (name == null || !NAME.matcher(name).matches() || WorkerReader.NAMES.contains(name)) {
      throw refused(
          kind,
          "cannot be used: "
              + kind.getClass().getName()
              + " has the name "
              + name
              + ", which must be of lower-case letters, digits and underscores, and none of "
              + String.join(", ", WorkerReader.NAMES));
    }
    return name;
  }

  /** Ours are tested, and most starts need not read them. */
  private static boolean isOurs(HandlerFactory kind) {
    return HandlerLoader.class.getClassLoader().equals(kind.getClass().getClassLoader());
  }

  private static void requireSchema(HandlerFactory kind) {
    try {
      kind.schema().ifPresent(text -> JsonMapper.shared().readTree(text));
    } catch (RuntimeException | LinkageError e) {
      throw refused(
          kind,
          "cannot be used: the schema of " + kind.getClass().getName() + " is not JSON: " + e);
    }
  }

  private static ConfigException refused(HandlerFactory kind, String why) {
    CodeSource source = kind.getClass().getProtectionDomain().getCodeSource();
    String place = source == null ? "(class path)" : source.getLocation().getPath();
    return new ConfigException("handlers", place, why);
  }
}
