package dev.afterbay;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Turns values of one type into bodies and back.
 *
 * <p>A body that cannot be decoded is no reason to try again: {@link #decode} throws {@link
 * UndecodableException}, and a worker fails the job.
 */
public interface Codec<T> {

  /** Media type of the bodies. */
  String contentType();

  /** The bytes of a value, as they stand in the body of a message. */
  byte[] encode(T value);

  /**
   * @throws UndecodableException if the body is no such value
   */
  T decode(byte[] body) throws UndecodableException;

  /**
   * Values as JSON, with Jackson's own defaults.
   *
   * @param type a record, or whatever else Jackson can read and write
   * @throws IllegalStateException if {@code afterbay-client} is not there
   */
  static <T> Codec<T> json(Class<T> type) {
    return Providers.json(type);
  }

  /** Bodies as they are. */
  static Codec<byte[]> bytes() {
    return new Codec<>() {
      @Override
      public String contentType() {
        return Message.BYTES;
      }

      @Override
      public byte[] encode(byte[] value) {
        return value;
      }

      @Override
      public byte[] decode(byte[] body) {
        return body;
      }
    };
  }

  /** Text in UTF-8, refused when it is not. */
  static Codec<String> text() {
    return new Codec<>() {
      @Override
      public String contentType() {
        return Message.TEXT;
      }

      @Override
      public byte[] encode(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
      }

      @Override
      public String decode(byte[] body) throws UndecodableException {
        try {
          return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
          throw new UndecodableException("the body is not UTF-8", e);
        }
      }
    };
  }

  /** The body is not what the codec expects. */
  final class UndecodableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** With what is wrong with the body, and the error of whatever read it. */
    public UndecodableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Makes the codecs of {@link Codec#json}, found by {@link java.util.ServiceLoader}. For who
   * writes a module that has one.
   */
  interface Provider {

    /** Values of that type as JSON. */
    <T> Codec<T> json(Class<T> type);
  }
}
