package dev.afterbay.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Lets a client come back with a token before anything is kept of it (RFC 9000, 8.1.2): so whoever
 * writes a false address of the sender takes up no connection, and is no use against the one whose
 * address that is. For one event loop.
 */
final class QuicTokens implements QuicTokenHandler {
  /*
   * A token is a MAC of the client's address, of the connection id that it began with, and of the
   * time, and then that connection id, which Netty wants back.
   */

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MAC_BYTES = 32;

  /** For at least so long, and at most twice that, a token is good. */
  private static final long PERIOD_NANOS = Duration.ofSeconds(10).toNanos();

  private final Mac mac;
  private final LongSupplier nanoTime;
  private final BooleanSupplier hasRoom;

  /**
   * @param hasRoom whether one more connection may begin
   */
  QuicTokens(LongSupplier nanoTime, BooleanSupplier hasRoom) {
    this.nanoTime = nanoTime;
    this.hasRoom = hasRoom;
    byte[] key = new byte[MAC_BYTES];
    new SecureRandom().nextBytes(key);
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf connectionId, InetSocketAddress address) {
    byte[] id = bytes(connectionId, 0);
    out.writeBytes(mac(id, address, period())).writeBytes(id);
    return true;
  }

  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    int length = token.readableBytes();
    if (length < MAC_BYTES || length > maxTokenLength() || !hasRoom.getAsBoolean()) {
      return -1;
    }
    byte[] given = Arrays.copyOf(bytes(token, 0), MAC_BYTES);
    byte[] id = bytes(token, MAC_BYTES);
    long now = period();
    return isOf(now, given, id, address) || isOf(now - 1, given, id, address) ? MAC_BYTES : -1;
  }

  private boolean isOf(long period, byte[] given, byte[] id, InetSocketAddress address) {
    return MessageDigest.isEqual(given, mac(id, address, period));
  }

  private byte[] mac(byte[] id, InetSocketAddress address, long period) {
    mac.update(address.getAddress().getAddress());
    mac.update(ByteBuffer.allocate(Long.BYTES).putLong(period).array());
    return mac.doFinal(id);
  }

  private long period() {
    return nanoTime.getAsLong() / PERIOD_NANOS;
  }

  private static byte[] bytes(ByteBuf from, int offset) {
    byte[] bytes = new byte[from.readableBytes() - offset];
    from.getBytes(from.readerIndex() + offset, bytes);
    return bytes;
  }

  @Override
  public int maxTokenLength() {
    return MAC_BYTES + Quic.MAX_CONN_ID_LEN;
  }
}
