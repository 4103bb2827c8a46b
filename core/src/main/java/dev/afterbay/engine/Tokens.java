package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Receipt;
import dev.afterbay.Session;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

/** Receipts and session tokens as text: base64url of fence and name. */
final class Tokens {

  private static final byte RECEIPT = 1;
  private static final byte SESSION = 2;
  private static final byte DEAD_LETTER = 3;

  /** What a receipt says. */
  record Claimed(JobId id, long fence) {
    /** Gone before it was handed out, so settling it changes nothing. */
    boolean isAtMostOnce() {
      return fence == 0;
    }
  }

  /** What a session token says. */
  record Accepted(String session, long fence) {}

  private Tokens() {}

  static Receipt receipt(JobId id, Lease lease) {
    return receipt(RECEIPT, id, lease.fence());
  }

  /** Of a dead letter, by the number of its lease. */
  static Receipt letter(JobId id, long number) {
    return receipt(DEAD_LETTER, id, number);
  }

  private static Receipt receipt(byte kind, JobId id, long fence) {
    ByteBuffer bytes = ByteBuffer.allocate(1 + 8 + 16).put(kind).putLong(fence);
    bytes.putLong(id.value().getMostSignificantBits());
    bytes.putLong(id.value().getLeastSignificantBits());
    return new Receipt(text(bytes.array()));
  }

  /** Of an at-most-once delivery, which nothing can settle. */
  static Receipt atMostOnce(JobId id) {
    return receipt(id, new Lease("", 0, Instant.EPOCH, 0, true));
  }

  static Claimed claimed(Receipt receipt) {
    return claimed(receipt, RECEIPT);
  }

  /** The lease of a dead letter; its fence is the number. */
  static Claimed claimedLetter(Receipt receipt) {
    return claimed(receipt, DEAD_LETTER);
  }

  private static Claimed claimed(Receipt receipt, byte kind) {
    try {
      ByteBuffer bytes = bytes(receipt.value(), kind);
      long fence = bytes.getLong();
      JobId id = new JobId(new UUID(bytes.getLong(), bytes.getLong()));
      if (!bytes.hasRemaining()) {
        return new Claimed(id, fence);
      }
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      throw new BrokerException.Rejected("receipt", "not a receipt: " + receipt.value(), e);
    }
    throw new BrokerException.Rejected("receipt", "not a receipt: " + receipt.value());
  }

  static Session.Token session(String session, long fence) {
    byte[] name = session.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(1 + 8 + name.length).put(SESSION).putLong(fence);
    return new Session.Token(text(bytes.put(name).array()));
  }

  static Accepted accepted(Session.Token token) {
    try {
      ByteBuffer bytes = bytes(token.value(), SESSION);
      long fence = bytes.getLong();
      return new Accepted(StandardCharsets.UTF_8.decode(bytes).toString(), fence);
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      throw new BrokerException.Rejected(
          "session_token", "not a session token: " + token.value(), e);
    }
  }

  private static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static ByteBuffer bytes(String text, byte kind) {
    if (text.length() > Receipt.CHARS_MAX * 4) {
      throw new IllegalArgumentException("too long");
    }
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
    if (bytes.get() != kind) {
      throw new IllegalArgumentException("of another kind");
    }
    return bytes;
  }
}
