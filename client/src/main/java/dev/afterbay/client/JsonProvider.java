package dev.afterbay.client;

import dev.afterbay.Codec;
import dev.afterbay.CodecProvider;

/** Makes a {@link JsonCodec}: {@link Codec#json}. */
public final class JsonProvider implements CodecProvider {

  /** For the ServiceLoader. */
  public JsonProvider() {}

  @Override
  public <T> Codec<T> json(Class<T> type) {
    return JsonCodec.of(type);
  }
}
