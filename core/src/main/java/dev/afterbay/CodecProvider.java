package dev.afterbay;

/**
 * Makes the codecs of {@link Codec#json}, found by {@link java.util.ServiceLoader}. For who writes
 * a module that has one.
 */
public interface CodecProvider {

  /** Values of that type as JSON. */
  <T> Codec<T> json(Class<T> type);
}
