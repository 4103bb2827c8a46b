package dev.afterbay.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The files that are part of this module. */
final class Resources {

  private Resources() {}

  static byte[] read(String name) {
    try (InputStream in = Resources.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the file " + name + " is missing in the program");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + " of the program", e);
    }
  }

  /**
   * Reads it once it is asked for, and keeps it. Most servers are never asked for the page or for
   * the description of the API, which would be half a megabyte of the heap.
   */
  static Supplier<byte[]> later(String name) {
    return new Later(name);
  }

  private static final class Later implements Supplier<byte[]> {
    private final String name;

    /** Read twice if two ask first: it is the same. */
    private volatile byte @Nullable [] bytes;

    Later(String name) {
      this.name = name;
    }

    @Override
    public byte[] get() {
      byte[] known = bytes;
      if (known == null) {
        known = read(name);
        bytes = known;
      }
      return known;
    }
  }
}
