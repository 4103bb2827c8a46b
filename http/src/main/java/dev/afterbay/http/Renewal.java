package dev.afterbay.http;

import dev.afterbay.BrokerException;
import dev.afterbay.Moment;
import dev.afterbay.Queue;
import dev.afterbay.Receipt;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What {@code renew} is asked for. */
record Renewal(List<Receipt> receipts, @Nullable Duration lease) {

  /** Renews leases of a queue. */
  @FunctionalInterface
  interface Renewing {
    List<Optional<BrokerException>> renew(List<Receipt> receipts, @Nullable Duration lease);
  }

  static Renewal read(byte[] body) {
    List<Receipt> receipts = new ArrayList<>();
    boolean[] given = {false};
    @Nullable Duration[] lease = new @Nullable Duration[1];
    try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
      json.root(name -> {
        switch (name) {
          case "receipts" ->
              given[0] =
                  json.array(
                      name,
                      DeliveryWire.SETTLE_MAX,
                      () ->
                          receipts.add(DeliveryWire.receipt(json.required(name, json.text(name)))));
          case "lease" -> lease[0] = json.duration(name);
          default -> {
            return false;
          }
        }
        return true;
      });
    }
    return new Renewal(DeliveryWire.given(given[0], "receipts", receipts), lease[0]);
  }

  Response answer(Queue queue, Renewing renewing, Supplier<Moment> clock) {
    Duration kept = lease == null ? queue.admin().orElseThrow().settings().lease() : lease;
    // Read before: a client must never think that a lease lasts longer than it does.
    Moment begun = clock.get();
    List<Optional<BrokerException>> results = renewing.renew(receipts, lease);
    String until = Times.format(begun.wall().plus(kept));
    return Response.json(200, DeliveryWire.writeResults(receipts, results, until));
  }
}
