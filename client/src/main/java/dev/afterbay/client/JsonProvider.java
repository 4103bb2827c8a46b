package dev.afterbay.client;

import dev.afterbay.Codec;

/** Makes a {@link JsonCodec}: {@link Codec#json}. */
public final class JsonProvider implements Codec.Provider {

  /** For the ServiceLoader. */
  public JsonProvider() {}

  @Override
  public <T> Codec<T> json(Class<T> type) {
    return JsonCodec.of(type);
  }
}
