package dev.afterbay.client;

import dev.afterbay.JobId;
import dev.afterbay.Receipt;
import dev.afterbay.SendResult;
import dev.afterbay.Settlement;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.JsonReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The calls of a broker that go together with those of other threads. */
final class GatheredCalls {

  /**
   * Well below what a server takes in one request, which is 1,000 entries and 16 MiB if nobody
   * lowered it. Three requests under way, so that one that is stuck does not hold up all, and the
   * server works on some of them while this side wakes the callers of another; after a second of
   * waiting each goes alone. Measured with 64 threads on 2 processors, sends were 1.2 times as fast
   * with three as with two or one, and no faster with four; lifecycles were the same.
   */
  private static final Gatherer.Capacity LIMITS =
      new Gatherer.Capacity(500, 512 << 10, 3, Duration.ofSeconds(1));

  private final HttpTransport link;
  private final Gatherer<BatchCall, SendResult> sends;
  private final Gatherer<BatchCall, DeliveryWire.Result> settlements;

  GatheredCalls(HttpTransport link) {
    this.link = link;
    this.sends = new Gatherer<>(LIMITS, new HttpCarrier<>(link, GatheredCalls::readSent));
    this.settlements = new Gatherer<>(LIMITS, new HttpCarrier<>(link, DeliveryWire::readResults));
  }

  /** Sends messages by one of the routes for batches. */
  <T> List<SendResult> send(
      BatchCall batch, List<T> messages, BiConsumer<JsonGenerator, T> writer) {
    byte[] lines = Json.writeLines(messages, writer);
    Gatherer.Part part = new Gatherer.Part(lines, messages.size());
    return sends.call(batch, part, link.patience().answer());
  }

  /** Settles what that queue gave out; at most {@link DeliveryWire#SETTLE_MAX}. */
  List<DeliveryWire.Result> settle(HttpQueue queue, List<Settlement> some) {
    return settlements.call(queue.settling(), settled(some), link.patience().answer());
  }

  /** As {@link #settle(HttpQueue, List)}, at once and within a time of its own. */
  List<DeliveryWire.Result> settle(HttpQueue queue, List<Settlement> some, Duration within) {
    return settlements.alone(queue.settling(), settled(some), within);
  }

  private static Gatherer.Part settled(List<Settlement> some) {
    return elements(
        some.size(), json -> some.forEach(each -> DeliveryWire.writeSettlement(json, each)));
  }

  /** Renews what that queue gave out; at most {@link DeliveryWire#SETTLE_MAX}. */
  List<DeliveryWire.Result> renew(
      HttpQueue queue, List<Receipt> receipts, @Nullable Duration lease) {
    String members = lease == null ? "" : ",\"lease\":\"" + Durations.format(lease) + "\"";
    BatchCall batch =
        BatchCall.array(queue.path() + "/renew", "receipts", members, queue.subject());
    Gatherer.Part part =
        elements(receipts.size(), json -> receipts.forEach(each -> json.writeString(each.value())));
    return settlements.call(batch, part, link.patience().answer());
  }

  private static Gatherer.Part elements(int count, Consumer<JsonGenerator> elements) {
    byte[] array =
        Json.write(json -> {
          json.writeStartArray();
          elements.accept(json);
          json.writeEndArray();
        });
    return new Gatherer.Part(Arrays.copyOfRange(array, 1, array.length - 1), count);
  }

  private static List<SendResult> readSent(byte[] bytes, int count) {
    List<String> ids = new ArrayList<>();
    Set<Long> known = new HashSet<>();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name ->
          switch (name) {
            case "ids" ->
                json.array(name, count, () -> ids.add(json.required(name, json.text(name))));
            case "known" ->
                json.array(
                    name,
                    count,
                    () -> known.add(json.required(name, json.integer(name, 0, count))));
            default -> false;
          });
    }
    DeliveryWire.all("ids", ids, count);
    List<SendResult> sent = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      sent.add(new SendResult(JobId.parse(ids.get(i)), known.contains((long) i)));
    }
    return sent;
  }
}
