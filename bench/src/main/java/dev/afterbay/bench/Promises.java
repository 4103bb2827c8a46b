package dev.afterbay.bench;

import dev.afterbay.JobId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What a server was told and what it answered, and which of its promises that breaks:
 *
 * <ul>
 *   <li>a message that was confirmed is handed out until it is settled as done;
 *   <li>nothing is handed out that was not sent or that was refused, nor under two job ids, nor
 *       with another body;
 *   <li>what was settled as done does not come again, as long as the machine does not lose power;
 *   <li>a session is handed out in the order in which it was sent;
 *   <li>a receipt is worth nothing once its job was handed out again.
 * </ul>
 *
 * <p>Calls overlap, so what a caller learns late may have happened early. Therefore a delivery only
 * breaks a promise if it was asked for after the promise was known to bind: {@link #now} orders
 * questions and answers.
 */
final class Promises {

  private static final int BODY_BYTES_MIN = Long.BYTES;
  private static final int BODY_BYTES_MAX = 4 << 10;

  /** More would be the same again. */
  private static final int BROKEN_MAX = 100;

  private final long seed;
  private final Map<Long, Sending> sendings = new HashMap<>();

  /** The last of each session. */
  private final Map<String, Sending> lasts = new HashMap<>();

  private final List<String> broken = new ArrayList<>();
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
    private final long number;
    private final @Nullable String session;
    private final @Nullable Sending before;
    private @Nullable Sending after;
    private @Nullable JobId id;
    private boolean isConfirmed;
    private boolean isRefused;
    private boolean isDoneSent;
    private long doneAt = Long.MAX_VALUE;
    private long deliveredAt = Long.MAX_VALUE;

    private Sending(long number, @Nullable String session, @Nullable Sending before) {
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
    Sending sending = new Sending(sendings.size(), session, before);
    sendings.put(sending.number, sending);
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
    same(sending, id);
    sending.isConfirmed = true;
    confirmed++;
  }

  /** The server said that it certainly did not store it. */
  synchronized void refused(Sending sending) {
    sending.isRefused = true;
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
      broken("job " + id + " was handed out, but its message was never sent");
      return null;
    }
    if (!Arrays.equals(body, sending.body())) {
      broken(sending + " came with another body of " + body.length + " bytes");
    }
    if (sending.isRefused) {
      broken(sending + " came, although the server had said that it did not store it");
    }
    if (sending.doneAt < askedAt) {
      broken(sending + " came again, although it was settled as done");
    }
    same(sending, id);
    checkOrder(sending, askedAt);
    sending.deliveredAt = Math.min(sending.deliveredAt, now());
    return sending;
  }

  /** A settle as done is about to be sent. */
  synchronized void doneSent(Sending sending) {
    sending.isDoneSent = true;
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

  /** Nothing is left in the queue, so what was promised must have happened. */
  synchronized void finished() {
    for (Sending sending : sendings.values()) {
      if (sending.isConfirmed && !sending.isDoneSent) {
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
    return "%,d messages confirmed, %,d handed out, %,d old receipts refused"
        .formatted(confirmed, delivered, refusedReceipts);
  }

  synchronized long confirmed() {
    return confirmed;
  }

  private void same(Sending sending, JobId id) {
    if (sending.id == null) {
      sending.id = id;
    } else if (!sending.id.equals(id)) {
      broken(sending + " was stored twice, also as job " + id);
    }
  }

  private void checkOrder(Sending sending, long askedAt) {
    Sending before = sending.before;
    if (before != null && !before.isDoneSent) {
      broken(sending + " came before " + before + " was done");
    }
    Sending after = sending.after;
    if (after != null && after.deliveredAt < askedAt) {
      broken(sending + " came after " + after);
    }
  }

  private byte[] bodyOf(long number) {
    Random random = new Random(seed + number);
    byte[] body = new byte[random.nextInt(BODY_BYTES_MIN, BODY_BYTES_MAX)];
    random.nextBytes(body);
    ByteBuffer.wrap(body).putLong(number);
    return body;
  }
}
