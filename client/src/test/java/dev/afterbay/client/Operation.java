package dev.afterbay.client;

import dev.afterbay.Broker.Addressed;
import dev.afterbay.JobId;
import dev.afterbay.Jobs.JobQuery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import dev.afterbay.Status;
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
          change("send", queue(queue -> queue.send(Message.of("t", "x")))),
          change("send to several", broker -> broker.send(TO_SEVERAL)),
          change("settle", queue(queue -> queue.settle(RECEIPT, Outcome.done()))),
          change("renew", queue(queue -> queue.renew(List.of(RECEIPT), null))),
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
          change("delete job", broker -> broker.jobs().orElseThrow().delete(ID)));

  /** What is asked. */
  @FunctionalInterface
  interface Action {
    void on(HttpBroker broker) throws InterruptedException;
  }

  @FunctionalInterface
  private interface OnQueue {
    void on(Queue queue) throws InterruptedException;
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

  private static Action queue(OnQueue on) {
    return broker -> on.on(broker.queue("q"));
  }

  @Override
  public String toString() {
    return name;
  }
}
