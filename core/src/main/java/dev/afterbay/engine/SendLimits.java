package dev.afterbay.engine;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import java.util.List;

/** Whether messages are within the limits of a queue. */
final class SendLimits {

  private SendLimits() {}

  static void check(Limits limits, List<Message> messages) {
    if (messages.size() > limits.batchMessagesMax()) {
      throw Rejected.tooLarge(
          "messages",
          "a batch has at most " + limits.batchMessagesMax() + " messages, not " + messages.size());
    }
    long bytes = 0;
    for (Message message : messages) {
      int attributes = message.attributes().isEmpty() ? 0 : message.attributesBytes();
      atMost("body", message.body().length, limits.bodyBytesMax());
      atMost("attributes", attributes, limits.attributesBytesMax());
      bytes += message.body().length + attributes;
    }
    if (messages.size() > 1) {
      atMost("batch", bytes, limits.batchBytesMax());
    }
  }

  private static void atMost(String field, long bytes, long max) {
    if (bytes > max) {
      throw Rejected.tooLarge(
          field, field + " is " + bytes + " B, the limit is " + max + " B: send less");
    }
  }
}
