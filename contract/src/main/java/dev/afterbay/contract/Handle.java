package dev.afterbay.contract;

import dev.afterbay.Delivery;
import dev.afterbay.Receipt;
import dev.afterbay.Receiver;
import org.jspecify.annotations.Nullable;

/** One delivery that a simulated consumer has or had. */
final class Handle {

  final Letter letter;
  final Receiver receiver;
  final Delivery delivery;
  long untilTick;

  /** Set when it was detached. */
  @Nullable Receipt receipt;

  /** It was settled or released, so it cannot be again. */
  boolean ended;

  /** A fault came between: nobody can say whether it is still good. */
  boolean doubtful;

  Handle(Letter letter, Receiver receiver, Delivery delivery, long untilTick) {
    this.letter = letter;
    this.receiver = receiver;
    this.delivery = delivery;
    this.untilTick = untilTick;
  }

  boolean isLive(long tick) {
    return !ended && !doubtful && tick < untilTick;
  }
}
