package dev.afterbay.client;

import dev.afterbay.Codec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Values as JSON bodies, by way of Jackson.
 *
 * @param <T> a record, or whatever else the mapper knows
 */
public final class JsonCodec<T> implements Codec<T> {

  private static final ObjectMapper STANDARD = JsonMapper.builder().build();

  private final ObjectMapper mapper;
  private final JavaType type;

  private JsonCodec(ObjectMapper mapper, JavaType type) {
    this.mapper = mapper;
    this.type = type;
  }

  /** With Jackson's own defaults. */
  public static <T> JsonCodec<T> of(Class<T> type) {
    return of(type, STANDARD);
  }

  /** With a mapper of one's own. */
  public static <T> JsonCodec<T> of(Class<T> type, ObjectMapper mapper) {
    return new JsonCodec<>(mapper, mapper.constructType(type));
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  /**
   * @throws IllegalArgumentException if the mapper cannot write the value
   */
  @Override
  public byte[] encode(T value) {
    try {
      return mapper.writerFor(type).writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + type, e);
    }
  }

  @Override
  public T decode(byte[] body) throws UndecodableException {
    try {
      return mapper.readValue(body, type);
    } catch (JacksonException e) {
      throw new UndecodableException("the body is no " + type.getRawClass().getSimpleName(), e);
    }
  }
}
