package dev.afterbay.client;

import dev.afterbay.Broker.Addressed;
import dev.afterbay.DeadLetters;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs.JobQuery;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Schedules;
import dev.afterbay.Session;
import dev.afterbay.Status;
import dev.afterbay.client.wire.DeliveryWire;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One thing that a client can ask of a server.
 *
 * @param changes it matters whether the server has done it
 */
record Operation(String name, boolean changes, Action action) {

  private static final JobId ID = new JobId(new UUID(0x0198_0000_0000_7000L, 1L << 63));
  private static final Receipt RECEIPT = new Receipt("AQ");
  private static final JobQuery ANY = JobQuery.ofQueue("q");

  private static final Job FAILED =
      Job.created(
          ID, "q", Message.of("t", "x"), QueueSettings.STANDARD, new Moment(Instant.EPOCH, 0));

  private static final DeadLetters.Settled SETTLED =
      new DeadLetters.Settled(RECEIPT, DeadLetters.End.DONE);

  private static final DeadLetters.Leased LEASED =
      new DeadLetters.Leased(FAILED, RECEIPT, Instant.MAX);

  private static final Schedules.Definition DAILY =
      Schedules.Definition.cron("@daily", "q", Message.of("t", "x"));

  private static final List<Addressed> TO_SEVERAL =
      List.of(new Addressed("a", Message.of("t", "x")), new Addressed("b", Message.of("t", "y")));

  /** All of them, but for the watch, whose answer has no end. */
  static final List<Operation> ALL =
      List.of(
          read("queues", HttpBroker::queues),
          read("limits", HttpBroker::limits),
          read("exists", admin(QueueAdmin::exists)),
          read("settings", admin(QueueAdmin::settings)),
          read("stats", queue(Queue::stats)),
          read("state", admin(QueueAdmin::state)),
          read("peek", queue(queue -> queue.peek(10))),
          read("receive", queue(queue -> queue.receiver().receive(1, Duration.ZERO))),
          read("accept", queue(q -> q.session(null, Duration.ZERO, ReceiveOptions.STANDARD))),
          read("session", queue(q -> q.session(new Session.Token("AQ"), ReceiveOptions.STANDARD))),
          read("find", broker -> broker.jobs().orElseThrow().find(ID)),
          read("list", broker -> broker.jobs().orElseThrow().list(ANY, null, 10)),
          read("notes", broker -> broker.jobs().orElseThrow().notes(ID)),
          read("dead stats", dead(DeadLetters::stats)),
          read("dead peek", dead(dead -> dead.peek(10))),
          read("dead receive", dead(dead -> dead.receive(10))),
          read("checkpoint", queue(queue -> queue.context(RECEIPT).checkpoint())),
          read("cancel requested", delivery(Delivery::cancelRequested)),
          read("session receive", session(session -> session.receive(1, Duration.ZERO))),
          read("session state", session(Session::state)),
          read("find schedule", schedules(schedules -> schedules.find("s"))),
          read("list schedules", schedules(schedules -> schedules.list(null, 10))),
          change("send", queue(queue -> queue.send(Message.of("t", "x")))),
          change("send to several", broker -> broker.send(TO_SEVERAL)),
          change("settle", queue(queue -> queue.settle(RECEIPT, Outcome.done()))),
          change("renew", queue(queue -> queue.renew(List.of(RECEIPT), null))),
          change("settle delivery", delivery(Delivery::done)),
          change("renew delivery", delivery(Delivery::renew)),
          change("renew all", Operation::renewAll),
          change("note", queue(queue -> queue.context(RECEIPT).log("x"))),
          change("renew session", session(session -> session.renew(null))),
          change("keep state", session(session -> session.state(new byte[] {1}))),
          change("clear state", session(session -> session.state(null))),
          change("close session", session(Session::close)),
          change("dead settle", dead(dead -> dead.settle(List.of(SETTLED)))),
          change("dead settle one", dead(dead -> dead.settle(LEASED, DeadLetters.End.DONE))),
          change("dead renew", dead(dead -> dead.renew(List.of(RECEIPT), null))),
          change("configure", admin(queue -> queue.configure(QueueSettings.STANDARD))),
          change("pause", admin(queue -> queue.pause("x"))),
          change("drain", admin(queue -> queue.drain("x"))),
          change("resume", admin(QueueAdmin::resume)),
          change("purge", admin(queue -> queue.purge(Status.Kind.FAILED))),
          change("delete", admin(queue -> queue.delete(true))),
          change("redrive", admin(queue -> queue.redrive(Redrive.ALL))),
          change("cancel", broker -> broker.jobs().orElseThrow().cancel(ID)),
          change("redrive job", broker -> broker.jobs().orElseThrow().redrive(ID)),
          change("run now", broker -> broker.jobs().orElseThrow().runNow(ID)),
          change("reschedule", b -> b.jobs().orElseThrow().reschedule(ID, Instant.EPOCH)),
          change("delete job", broker -> broker.jobs().orElseThrow().delete(ID)),
          change("redrive jobs", broker -> broker.jobs().orElseThrow().redrive(List.of(ID))),
          change("restore", broker -> broker.jobs().orElseThrow().restore(List.of(FAILED))),
          change("put schedule", schedules(schedules -> schedules.put("s", DAILY))),
          change("delete schedule", schedules(schedules -> schedules.delete("s"))),
          change("pause schedule", schedules(schedules -> schedules.pause("s"))),
          change("resume schedule", schedules(schedules -> schedules.resume("s"))),
          change("run schedule now", schedules(schedules -> schedules.runNow("s"))));

  /** What is asked. */
  @FunctionalInterface
  interface Action {
    void on(HttpBroker broker) throws InterruptedException;
  }

  @FunctionalInterface
  private interface On<T> {
    void on(T target) throws InterruptedException;
  }

  static Operation named(String name) {
    return ALL.stream().filter(each -> each.name.equals(name)).findFirst().orElseThrow();
  }

  private static Operation read(String name, Action action) {
    return new Operation(name, false, action);
  }

  private static Operation change(String name, Action action) {
    return new Operation(name, true, action);
  }

  private static Action admin(Consumer<QueueAdmin> on) {
    return broker -> on.accept(broker.queue("q").admin().orElseThrow());
  }

  private static Action queue(On<Queue> on) {
    return broker -> on.on(broker.queue("q"));
  }

  private static Action dead(Consumer<DeadLetters> on) {
    return broker -> on.accept(broker.queue("q").deadLetters().orElseThrow());
  }

  private static Action schedules(Consumer<Schedules> on) {
    return broker -> on.accept(broker.schedules().orElseThrow());
  }

  /** One that is held since long; its broker does not close it. */
  private static Action session(On<Session> on) {
    return broker -> {
      HttpSession.Shown shown = new HttpSession.Shown("s", "AQ", Instant.MAX);
      HttpSession session =
          new HttpSession(new HttpQueue(broker, "q"), ReceiveOptions.STANDARD, shown);
      broker.closed(session);
      on.on(session);
    };
  }

  private static Action delivery(On<Delivery> on) {
    return broker -> on.on(received(receiver(broker)));
  }

  private static void renewAll(HttpBroker broker) {
    HttpReceiver receiver = receiver(broker);
    receiver.renewAll(List.of(received(receiver)));
  }

  /** Of a queue of its own: what is asked of one queue by three at once may be gathered. */
  private static HttpReceiver receiver(HttpBroker broker) {
    HttpReceiver receiver =
        new HttpReceiver(new HttpQueue(broker, "r"), ReceiveOptions.STANDARD, null);
    broker.closed(receiver);
    return receiver;
  }

  private static Delivery received(HttpReceiver receiver) {
    return new HttpDelivery(
        receiver, new DeliveryWire.Received(FAILED, RECEIPT.value(), Instant.MAX));
  }

  @Override
  public String toString() {
    return name;
  }
}
