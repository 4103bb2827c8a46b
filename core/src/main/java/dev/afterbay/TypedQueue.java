package dev.afterbay;

import java.util.Map;
import java.util.function.UnaryOperator;

/** A queue whose bodies are values of one type. */
public final class TypedQueue<T> {

  private final Queue queue;
  private final Codec<T> codec;

  TypedQueue(Queue queue, Codec<T> codec) {
    this.queue = queue;
    this.codec = codec;
  }

  /** The queue of messages behind it. */
  public Queue queue() {
    return queue;
  }

  /** What makes bodies of values, and values of bodies. */
  public Codec<T> codec() {
    return codec;
  }

  /** Sends a value as a message of the given type. */
  public JobId send(String type, T value) {
    return send(type, value, UnaryOperator.identity());
  }

  /** Sends a value, after the message got its session, key, delay and the like. */
  public JobId send(String type, T value, UnaryOperator<Message> with) {
    Message message =
        new Message(type, codec.contentType(), codec.encode(value), Map.of(), Message.Options.NONE);
    return queue.send(with.apply(message));
  }
}
