package dev.afterbay;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a receiver receives: {@link #STANDARD}, or with something else, such as {@code
 * ReceiveOptions.STANDARD.consumer("mailer").lease(Duration.ofMinutes(5))}.
 *
 * @param consumer who has the leases, as shown to people; 1-256 printable characters
 * @param lease null: as long as the queue's settings say
 * @param detached its deliveries are for somebody outside of this process: they outlive it, and are
 *     settled by their {@link Receipt}
 * @param room how many bytes may come at once; a broker elsewhere may have a limit of its own
 */
public record ReceiveOptions(
    String consumer, @Nullable Duration lease, boolean detached, Room room) {

  /** 16 MiB, or an eighth of the heap if that is less. */
  public static final long BYTES_STANDARD =
      Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 8);

  public static final ReceiveOptions STANDARD =
      new ReceiveOptions("receiver", null, false, Room.STANDARD);

  public ReceiveOptions {
    Check.printable("consumer", consumer);
    Check.that(
        lease == null
            || (lease.compareTo(QueueSettings.LEASE_MIN) >= 0
                && lease.compareTo(QueueSettings.LEASE_MAX) <= 0),
        "lease",
        "must be 100ms to 12h");
  }

  /** With a name for who receives, which operators see. */
  public ReceiveOptions consumer(String consumer) {
    return new ReceiveOptions(consumer, lease, detached, room);
  }

  /** With leases of that length; null: as the queue says. */
  public ReceiveOptions lease(@Nullable Duration lease) {
    return new ReceiveOptions(consumer, lease, detached, room);
  }

  /** For a consumer outside of this process, whose leases outlive it. */
  public ReceiveOptions detached(boolean detached) {
    return new ReceiveOptions(consumer, lease, detached, room);
  }

  /** With a limit on the bytes that one call may bring. */
  public ReceiveOptions room(Room room) {
    return new ReceiveOptions(consumer, lease, detached, room);
  }

  /** Room in memory for messages, taken each time before a receiver looks for some. */
  public interface Room {

    /** {@link #BYTES_STANDARD} each time. */
    Room STANDARD =
        new Room() {
          @Override
          public long take() {
            return BYTES_STANDARD;
          }

          @Override
          public void keep(List<Job> jobs) {}
        };

    /**
     * What comes next has at most so many bytes together ({@link Job#bytes}), or is only one
     * message. May wait for room, and throw what then ends the call.
     */
    long take() throws InterruptedException;

    /** These came, and perhaps none; the rest of what was taken is free again. */
    void keep(List<Job> jobs);
  }

  /**
   * Which message types a receiver takes.
   *
   * @param only true: none but these; false: all but these
   */
  public record Types(boolean only, Set<String> types) {

    public static final Types ALL = new Types(false, Set.of());

    public Types {
      types = Set.copyOf(types);
    }

    /** These types and no others. */
    public static Types only(Set<String> types) {
      return new Types(true, types);
    }

    /** All types but these. */
    public static Types allBut(Set<String> types) {
      return new Types(false, types);
    }

    /** Whether messages of that type are wanted. */
    public boolean takes(String type) {
      return types.contains(type) == only;
    }
  }
}
