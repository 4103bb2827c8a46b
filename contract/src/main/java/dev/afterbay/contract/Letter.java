package dev.afterbay.contract;

import dev.afterbay.JobId;
import dev.afterbay.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a simulation expects of one message that it sent. */
final class Letter {

  final int number;
  final String queue;
  final Message message;

  /** The session whose order it keeps; null: none. */
  final @Nullable String line;

  final boolean atMostOnce;
  final long sentTick;
  final Instant sentAt;

  /** Set once the sender knows that it was accepted. */
  @Nullable JobId id;

  /** Somebody did something that may have ended it for good, or be it half-way. */
  boolean mayBeGone;

  /** Nothing but a redrive may bring it back, if the power was not lost before this sync. */
  long endedAtSync = NOT_ENDED;

  static final long NOT_ENDED = Long.MAX_VALUE;

  /** No loss of power brings it back. */
  static final long ENDED_DURABLY = -1;

  /** A redrive at a rate may come to it at any time. */
  boolean mayComeBack;

  boolean moved;
  boolean redriven;
  int deliveries;
  @Nullable Handle handle;

  Letter(int number, String queue, Message message, World world) {
    this.number = number;
    this.queue = queue;
    this.message = message;
    this.line = queue.equals(World.FIFO) ? "" : message.options().session();
    this.atMostOnce = queue.equals(World.ONCE);
    this.sentTick = world.store().clock().now().tick();
    this.sentAt = world.store().clock().now().wall();
  }

  @Override
  public String toString() {
    return "letter " + number + " in " + queue + " (" + id + ")";
  }
}
