package dev.afterbay.bench;

import dev.afterbay.JobId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a server was told and what it answered, and which of its promises that breaks:
 *
 * <ul>
 *   <li>a message that was confirmed is handed out until it is settled as done;
 *   <li>nothing is handed out that was not sent or that was refused, nor under two job ids, nor
 *       with another body;
 *   <li>what was settled as done is not delivered again, as long as the machine does not lose
 *       power;
 *   <li>a session is handed out in the order in which it was sent;
 *   <li>a receipt is worth nothing once its job was handed out again.
 * </ul>
 *
 * <p>Calls overlap, so what a caller learns late may have happened early. Therefore a delivery only
 * breaks a promise if it was asked for after the promise was known to bind: {@link #now} orders
 * questions and answers. Of a call that failed half-way either may be true, until a later answer
 * tells.
 */
final class Promises {

  private static final int BODY_BYTES_MIN = Long.BYTES;
  private static final int BODY_BYTES_MAX = 4 << 10;

  private static final String CAME_THOUGH_REFUSED =
      " came, although the server had said that it did not store it";
  private static final String CAME_THOUGH_DONE =
      " was delivered again, although it was settled as done";

  /** More would be the same again. */
  private static final int BROKEN_MAX = 100;

  private final long seed;

  /** All but those that are over, so that a long run does not fill the memory. */
  private final Map<Long, Sending> sendings = new HashMap<>();

  /** The numbers of those that are over; what is in neither was never sent, or is still known. */
  private final BitSet done = new BitSet();

  private final BitSet refused = new BitSet();

  /** The last of each session. */
  private final Map<String, Sending> lasts = new HashMap<>();

  private final Set<String> broken = new LinkedHashSet<>();

  /** How many were made; the first is 1, for a body of zeros must not be taken for one of them. */
  private int sent;

  private long time;
  private long confirmed;
  private long delivered;
  private long refusedReceipts;

  /**
   * @param seed of the bodies
   */
  Promises(long seed) {
    this.seed = seed;
  }

  /** What is known of a message that was, or was not, sent. */
  final class Sending {
    private final int number;
    private final @Nullable String session;
    private @Nullable Sending before;
    private @Nullable Sending after;
    private @Nullable JobId id;
    private boolean isConfirmed;
    private boolean isRefused;

    /** Settles as done that were sent, without those that are known to have done nothing. */
    private int dones;

    /** Whether the next time it is handed out tells that none of its settles did anything. */
    private boolean isDoneDoubtful;

    private long doneAt = Long.MAX_VALUE;
    private long deliveredAt = Long.MAX_VALUE;

    private Sending(int number, @Nullable String session, @Nullable Sending before) {
      this.number = number;
      this.session = session;
      this.before = before;
    }

    byte[] body() {
      return bodyOf(number);
    }

    /** Unlike that of any other message. */
    String key() {
      return "message-" + number;
    }

    @Override
    public String toString() {
      String where = session == null ? "" : ", session " + session;
      return "message " + number + " (job " + id + where + ")";
    }
  }

  /** Later than every moment before. */
  synchronized long now() {
    return ++time;
  }

  /** A message that is about to be sent. */
  synchronized Sending sending(@Nullable String session) {
    Sending before = session == null ? null : lasts.get(session);
    Sending sending = new Sending(++sent, session, before);
    sendings.put((long) sending.number, sending);
    if (session != null) {
      lasts.put(session, sending);
    }
    if (before != null) {
      before.after = sending;
    }
    return sending;
  }

  /** The last message of a session, if nobody knows whether it is stored; it must be sent again. */
  synchronized @Nullable Sending unknown(String session) {
    Sending last = lasts.get(session);
    return last == null || last.isConfirmed ? null : last;
  }

  synchronized void confirmed(Sending sending, JobId id) {
    if (isSame(sending, id)) {
      sending.isConfirmed = true;
      confirmed++;
    }
  }

  /** The server said that it certainly did not store it; it may have been handed out meanwhile. */
  synchronized void refused(Sending sending) {
    sending.isRefused = true;
    if (sending.id != null) {
      broken(sending + CAME_THOUGH_REFUSED);
    }
  }

  /**
   * A message was handed out.
   *
   * @param askedAt when it was asked for
   * @return null: there is no such message
   */
  synchronized @Nullable Sending delivered(JobId id, byte[] body, long askedAt) {
    delivered++;
    long number = body.length < BODY_BYTES_MIN ? -1 : ByteBuffer.wrap(body).getLong();
    Sending sending = sendings.get(number);
    if (sending == null) {
      broken("job " + id + " was handed out, but " + whyNot(number));
      return null;
    }
    if (!Arrays.equals(body, sending.body())) {
      broken(sending + " came with another body of " + body.length + " bytes");
    }
    if (sending.isRefused) {
      broken(sending + CAME_THOUGH_REFUSED);
    }
    if (isSame(sending, id) && sending.doneAt < askedAt) {
      broken(sending + CAME_THOUGH_DONE);
    }
    if (sending.isDoneDoubtful) {
      sending.isDoneDoubtful = false;
      sending.dones = 0;
    }
    checkOrder(sending, askedAt);
    sending.deliveredAt = Math.min(sending.deliveredAt, now());
    return sending;
  }

  /** A settle as done is about to be sent. */
  synchronized void doneSent(Sending sending) {
    sending.dones++;
  }

  /** The server said that this settle as done certainly did nothing. */
  synchronized void doneRefused(Sending sending) {
    sending.dones--;
  }

  /** The server confirmed that it is done. */
  synchronized void done(Sending sending) {
    sending.doneAt = Math.min(sending.doneAt, now());
  }

  /** The server took, or did not take, a receipt after the job had been handed out again. */
  synchronized void oldReceipt(Sending sending, boolean taken) {
    if (taken) {
      broken(sending + " was settled by a receipt from before it was handed out again");
    } else {
      refusedReceipts++;
    }
  }

  /**
   * The server is gone and no call is under way. So what is done or refused is judged by its number
   * alone from now on, and a settle that got no answer either holds already or never will.
   */
  synchronized void rest() {
    sendings.values().removeIf(this::isOver);
    sendings.values().forEach(sending -> sending.isDoneDoubtful = true);
  }

  /** How many messages are remembered one by one. */
  synchronized int remembered() {
    return sendings.size();
  }

  private boolean isOver(Sending sending) {
    boolean isDone = sending.doneAt < Long.MAX_VALUE;
    if (isDone) {
      done.set(sending.number);
      // Or the last of a session would hold all of it.
      sending.before = null;
    } else if (sending.isRefused) {
      refused.set(sending.number);
    }
    return isDone || sending.isRefused;
  }

  /** Nothing is left in the queue, so what was promised must have happened. */
  synchronized void finished() {
    for (Sending sending : sendings.values()) {
      if (sending.isConfirmed && sending.dones == 0) {
        broken(sending + " was confirmed, and is lost");
      }
    }
  }

  synchronized void broken(String how) {
    if (broken.size() < BROKEN_MAX) {
      broken.add(how);
    }
  }

  /** What was broken, in words; empty: nothing. */
  synchronized List<String> broken() {
    return List.copyOf(broken);
  }

  /** What it was about. */
  synchronized String summary() {
    return String.format(
        Locale.ROOT,
        "%,d messages confirmed, %,d handed out, %,d old receipts refused",
        confirmed,
        delivered,
        refusedReceipts);
  }

  synchronized long confirmed() {
    return confirmed;
  }

  private boolean isSame(Sending sending, JobId id) {
    if (sending.id == null) {
      sending.id = id;
    }
    boolean same = sending.id.equals(id);
    if (!same) {
      broken(sending + " was stored twice, also as job " + id);
    }
    return same;
  }

  private void checkOrder(Sending sending, long askedAt) {
    Sending before = sending.before;
    if (before != null && before.dones == 0) {
      broken(sending + " came before " + before + " was done");
    }
    Sending after = sending.after;
    if (after != null && after.deliveredAt < askedAt) {
      broken(sending + " came after " + after);
    }
  }

  /** What is known of a message that is not there any more. */
  private String whyNot(long number) {
    boolean wasSent = number > 0 && number <= sent;
    if (wasSent && done.get((int) number)) {
      return "message " + number + CAME_THOUGH_DONE;
    }
    if (wasSent && refused.get((int) number)) {
      return "message " + number + CAME_THOUGH_REFUSED;
    }
    return "its message was never sent";
  }

  private byte[] bodyOf(long number) {
    Random random = new Random(seed + number);
    byte[] body = new byte[random.nextInt(BODY_BYTES_MIN, BODY_BYTES_MAX)];
    random.nextBytes(body);
    ByteBuffer.wrap(body).putLong(number);
    return body;
  }
}
