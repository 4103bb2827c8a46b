package dev.afterbay.bench;

import java.util.Random;

/** Bodies as large as a record of the {@link RawLimit}, that no compression makes smaller. */
final class BenchPayload {

  private static final long SEED = 1;

  private BenchPayload() {}

  static byte[] random() {
    byte[] body = new byte[RawLimit.RECORD_BYTES];
    new Random(SEED).nextBytes(body);
    return body;
  }

  /** Letters and digits, which mean the same in JSON. */
  static byte[] text() {
    byte[] body = new byte[RawLimit.RECORD_BYTES];
    Random random = new Random(SEED);
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) Character.forDigit(random.nextInt(Character.MAX_RADIX), Character.MAX_RADIX);
    }
    return body;
  }
}
