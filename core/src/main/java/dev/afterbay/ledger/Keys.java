package dev.afterbay.ledger;

import dev.afterbay.Due;
import dev.afterbay.JobId;
import dev.afterbay.Status;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The keys of the tables. Names stand with their length before them, numbers are big-endian. */
final class Keys {

  /** Where all keys begin; and the value of a row whose key says everything. */
  static final byte[] NOTHING = {};

  static final byte[] HEAD = "head".getBytes(StandardCharsets.US_ASCII);

  /** Why a job stands in DUE_WALL. */
  static final int BECOMES_DUE = 0;

  static final int EXPIRES = 1;

  static final int ID_BYTES = 16;

  /** A time and an id. */
  static final int TIMER_BYTES = Long.BYTES + ID_BYTES;

  private Keys() {}

  static byte[] id(JobId id) {
    return new RowWriter(ID_BYTES).uuid(id.value()).done();
  }

  static JobId idAt(byte[] bytes, int offset) {
    return new JobId(new RowReader(Arrays.copyOfRange(bytes, offset, offset + ID_BYTES)).uuid());
  }

  /** Of a key that ends with an id. */
  static JobId lastId(byte[] key) {
    return idAt(key, key.length - ID_BYTES);
  }

  static byte[] attempt(JobId id, int number) {
    return new RowWriter(ID_BYTES + 8).uuid(id.value()).int64(number).done();
  }

  static byte[] note(JobId id, int kind) {
    return new RowWriter(ID_BYTES + 1).uuid(id.value()).int8(kind).done();
  }

  static byte[] queue(String queue) {
    return name(new RowWriter(40), queue).done();
  }

  static String queueOf(byte[] key) {
    return new String(key, 1, key[0] & 0xff, StandardCharsets.US_ASCII);
  }

  static byte[] lane(String queue, String type, boolean session) {
    return name(name(new RowWriter(64), queue), type).int8(session ? 1 : 0).done();
  }

  static byte[] ready(byte[] lane, Position head) {
    return new RowWriter(lane.length + 16).raw(lane).int64(head.rank()).int64(head.seq()).done();
  }

  static Position headOf(byte[] ready) {
    RowReader in = new RowReader(Arrays.copyOfRange(ready, ready.length - 16, ready.length));
    return new Position(in.int64(), in.int64());
  }

  static byte[] line(String queue, String session) {
    byte[] text = session.getBytes(StandardCharsets.UTF_8);
    RowWriter out = name(new RowWriter(64), queue);
    return out.int8(text.length >>> 8).int8(text.length).raw(text).done();
  }

  static byte[] member(byte[] line, long seq) {
    return new RowWriter(line.length + 8).raw(line).int64(seq).done();
  }

  static long seqOf(byte[] member) {
    return new RowReader(Arrays.copyOfRange(member, member.length - 8, member.length)).int64();
  }

  /** The session of a key of {@link #line}. */
  static String sessionOf(byte[] line) {
    int queue = 1 + (line[0] & 0xff);
    int length = ((line[queue] & 0xff) << 8) | (line[queue + 1] & 0xff);
    return new String(line, queue + 2, length, StandardCharsets.UTF_8);
  }

  static byte[] timer(long time, JobId id) {
    return new RowWriter(TIMER_BYTES).int64(time).uuid(id.value()).done();
  }

  static byte[] wallTimer(Instant time, JobId id, int reason) {
    return new RowWriter(TIMER_BYTES + 1)
        .int64(RowFormat.millis(time))
        .uuid(id.value())
        .int8(reason)
        .done();
  }

  static byte[] due(Due due, JobId id) {
    return switch (due) {
      case Due.At(Instant wall) -> wallTimer(wall, id, BECOMES_DUE);
      case Due.AtTick(long tick) -> timer(tick, id);
    };
  }

  static long timeOf(byte[] timer) {
    return new RowReader(timer).int64();
  }

  /** Where keys of ENDED and DEFERRED begin. */
  static byte[] state(String queue, Status.Kind kind) {
    return name(new RowWriter(40), queue).int8(kind.code()).done();
  }

  static byte[] deferred(byte[] prefix, JobId id) {
    return new RowWriter(prefix.length + ID_BYTES).raw(prefix).uuid(id.value()).done();
  }

  static byte[] ended(byte[] prefix, Instant at, JobId id) {
    return new RowWriter(prefix.length + 24)
        .raw(prefix)
        .int64(RowFormat.millis(at))
        .uuid(id.value())
        .done();
  }

  static byte[] key(String queue, String key) {
    return name(new RowWriter(64), queue).raw(key.getBytes(StandardCharsets.UTF_8)).done();
  }

  static byte[] keyExpiry(long untilMillis, byte[] key) {
    return new RowWriter(8 + key.length).int64(untilMillis).raw(key).done();
  }

  static byte[] setting(String kind, String name) {
    return name(new RowWriter(64), kind).raw(name.getBytes(StandardCharsets.UTF_8)).done();
  }

  static String settingName(byte[] key) {
    int from = 1 + (key[0] & 0xff);
    return new String(key, from, key.length - from, StandardCharsets.UTF_8);
  }

  /** The first key that does not begin with the prefix; null: there is none. */
  static byte @Nullable [] after(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xff) {
        byte[] end = Arrays.copyOf(prefix, i + 1);
        end[i]++;
        return end;
      }
    }
    return null;
  }

  /** The smallest key after this one. */
  static byte[] next(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  private static RowWriter name(RowWriter out, String name) {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    assert text.length <= 255 : name;
    return out.int8(text.length).raw(text);
  }
}
