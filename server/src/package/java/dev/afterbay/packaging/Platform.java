package dev.afterbay.packaging;

/**
 * The machine that this runs on, which is the one that is packaged for: its Java runtime, its C
 * library, and a start-up cache that is made by running.
 *
 * @param name as archives and the libraries of Netty are called
 * @param container as images call it
 * @param rocksdb as the libraries of RocksDB are called
 */
record Platform(String name, String container, String rocksdb) {

  static Platform ofThisMachine() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    return switch (system) {
      case "Linux amd64" -> new Platform("linux-x86_64", "amd64", "linux64");
      case "Linux aarch64" -> new Platform("linux-aarch_64", "arm64", "linux-aarch64");
      default ->
          throw new IllegalStateException(
              "packages are made on Linux with x86-64 or AArch64, this is " + system);
    };
  }

  /** Of a library within a jar, whatever folder of the jar it is in. */
  boolean has(String library) {
    return library.equals("librocksdbjni-" + rocksdb + ".so")
        || library.endsWith("_" + name.replace('-', '_') + ".so");
  }

  /** Whether a jar is there for other machines alone, by the classifier in its name. */
  boolean isForOthers(String jar) {
    return jar.matches(".*-(linux|osx|windows)-(x86_64|aarch_64|riscv64)\\.jar")
        && !jar.endsWith("-" + name + ".jar");
  }
}
