package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class QuicTokensTest {

  private static final byte[] ID = {1, 2, 3, 4, 5, 6, 7, 8};

  private final InetSocketAddress client = address("127.0.0.1", 1);
  private long now = TimeUnit.SECONDS.toNanos(1_000);
  private boolean hasRoom = true;
  private final QuicTokens tokens = new QuicTokens(() -> now, () -> hasRoom);

  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  private byte[] token() {
    ByteBuf out = Unpooled.buffer();
    assertThat(tokens.writeToken(out, Unpooled.wrappedBuffer(ID), client)).isTrue();
    assertThat(out.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
    return ByteBufUtil.getBytes(out);
  }

  private int check(byte[] token, InetSocketAddress from) {
    return tokens.validateToken(Unpooled.wrappedBuffer(token), from);
  }

  @Test
  void aTokenIsGoodForItsClientFromAnyPortAndHasTheConnectionIdAtItsEnd() {
    byte[] token = token();
    int id = check(token, client);
    assertThat(id).isEqualTo(token.length - ID.length);
    assertThat(token).endsWith(ID);
    assertThat(check(token, address("127.0.0.1", 2))).isEqualTo(id);
    assertThat(check(token, address("127.0.0.2", 1))).isEqualTo(-1);
    assertThat(check(token, address("::1", 1))).isEqualTo(-1);
  }

  @Test
  void itIsGoodForTenSecondsAndNotForMoreThanTwenty() {
    byte[] token = token();
    now += TimeUnit.SECONDS.toNanos(10);
    assertThat(check(token, client)).isPositive();
    now += TimeUnit.SECONDS.toNanos(10);
    assertThat(check(token, client)).isEqualTo(-1);
  }

  @Test
  void whatSomebodyMadeUpIsNot() {
    byte[] token = token();
    for (int i = 0; i < token.length; i++) {
      byte[] changed = token.clone();
      changed[i] ^= 1;
      assertThat(check(changed, client)).as("byte " + i).isEqualTo(-1);
    }
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int length = 0; length < 200; length++) {
      byte[] garbage = new byte[length];
      random.nextBytes(garbage);
      assertThat(check(garbage, client)).as("seed " + seed).isEqualTo(-1);
    }
    assertThat(
            new QuicTokens(() -> now, () -> true)
                .validateToken(Unpooled.wrappedBuffer(token), client))
        .as("of another server")
        .isEqualTo(-1);
  }

  @Test
  void noneIsGoodWhereThereIsNoRoom() {
    byte[] token = token();
    hasRoom = false;
    assertThat(check(token, client)).isEqualTo(-1);
    hasRoom = true;
    assertThat(check(token, client)).isPositive();
  }
}
