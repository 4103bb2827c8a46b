package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Receiver;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/** A schedule sends a job at times of the calendar, or at an interval. */
public final class JobsByTheClock {
  private JobsByTheClock() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory()) {
      Schedules schedules = broker.schedules().orElseThrow();
      ZoneId berlin = ZoneId.of("Europe/Berlin");
      Definition nightly =
          Definition.cron("30 2 * * *", "reports", Message.of("report", "yesterday")).zone(berlin);
      schedules.put("nightly", nightly);
      System.out.println("in the night of 29 March the clock goes from 2 to 3:");
      for (Instant due : nightly.after(Instant.parse("2026-03-28T00:00:00Z"), 3)) {
        System.out.println("  " + due.atZone(berlin).toLocalDateTime());
      }

      Definition often = Definition.every(Duration.ofMillis(100), "pings", Message.of("ping", "x"));
      schedules.put("often", often.overlap(Overlap.SKIP));
      try (Receiver receiver = broker.queue("pings").receiver()) {
        for (int i = 1; i <= 3; i++) {
          List<Delivery> deliveries = receiver.receive(1, Duration.ofSeconds(10));
          System.out.println(deliveries.getFirst().message().type() + " " + i);
          deliveries.getFirst().done();
        }
      }
      System.out.println("paused: " + schedules.pause("often").paused());
    }
  }
}
