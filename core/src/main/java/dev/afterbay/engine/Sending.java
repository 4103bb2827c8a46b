package dev.afterbay.engine;

import dev.afterbay.Broker.Addressed;
import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.SendResult;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Messages come in: what is refused is refused before anything is written; then one commit. */
final class Sending {

  /** How often the settings of a queue may change during one send. */
  private static final int TRIES_MAX = 10;

  private Sending() {}

  static List<SendResult> toOne(
      Engine engine, String queue, Limits limits, List<Message> messages) {
    engine.requireOpen();
    if (messages.isEmpty()) {
      return List.of();
    }
    SendLimits.check(limits, messages);
    return commit(
        engine,
        () -> {
          Catalog.Entry entry = admit(engine, queue);
          return appends(engine, queue, entry, messages);
        });
  }

  /** What puts copies of a message into a queue, for a commit with more in it than them. */
  static List<Change.Append> copies(Engine engine, String queue, List<Message> messages) {
    SendLimits.check(engine.settings.limits(), messages.subList(0, 1));
    return appends(engine, queue, admit(engine, queue), messages);
  }

  private static List<Change.Append> appends(
      Engine engine, String queue, Catalog.Entry entry, List<Message> messages) {
    Moment now = engine.clock().now();
    List<Change.Append> appends = new ArrayList<>(messages.size());
    for (Message message : messages) {
      appends.add(append(engine, queue, entry.settings(), message, now));
    }
    return appends;
  }

  static List<SendResult> toSeveral(Engine engine, List<Addressed> messages) {
    engine.requireOpen();
    if (messages.isEmpty()) {
      return List.of();
    }
    SendLimits.check(engine.settings.limits(), messages.stream().map(Addressed::message).toList());
    return commit(
        engine,
        () -> {
          Map<String, Catalog.Entry> queues = new HashMap<>();
          messages.forEach(
              each -> queues.computeIfAbsent(each.queue(), name -> admit(engine, name)));
          Moment now = engine.clock().now();
          List<Change.Append> appends = new ArrayList<>(messages.size());
          for (Addressed each : messages) {
            Catalog.Entry queue = Objects.requireNonNull(queues.get(each.queue()));
            appends.add(append(engine, each.queue(), queue.settings(), each.message(), now));
          }
          return appends;
        });
  }

  /** The queue, which may come to exist. */
  private static Catalog.Entry admit(Engine engine, String name) {
    Catalog.Entry queue = engine.create(name);
    if (queue.state().kind() == QueueState.Kind.DRAINING) {
      throw new BrokerException.Unavailable(
          "queue " + name + " is draining and takes no messages: resume it first");
    }
    return queue;
  }

  private static Change.Append append(
      Engine engine, String queue, QueueSettings settings, Message message, Moment now) {
    JobId id = engine.ids.next(now.wall().toEpochMilli());
    Job job = Job.created(id, queue, message, settings, now);
    return new Change.Append(job, unique(message, settings, now));
  }

  private static Change.@Nullable Unique unique(
      Message message, QueueSettings settings, Moment now) {
    String key = message.options().key();
    Duration own = message.options().keyWindow();
    Duration window = own != null ? own : settings.dedupWindow();
    return key == null || window.isZero() ? null : new Change.Unique(key, now.wall().plus(window));
  }

  /**
   * A queue that was set otherwise since it was looked at is looked at again, then the messages.
   */
  private static List<SendResult> commit(Engine engine, Supplier<List<Change.Append>> messages) {
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      List<Change.Append> appends = messages.get();
      switch (engine.store.commit(Commit.synced(appends))) {
        case Committed.Done done -> {
          return sent(appends, done.ids());
        }
        case Committed.Full full ->
            throw new BrokerException.QueueFull(full.queue(), full.depthMax());
        case Committed.Stale _ -> {}
      }
    }
    throw new BrokerException.Unavailable(
        "the settings of the queue changed " + TRIES_MAX + " times meanwhile: retry later");
  }

  private static List<SendResult> sent(List<Change.Append> appends, List<JobId> ids) {
    List<SendResult> sent = new ArrayList<>(appends.size());
    for (int i = 0; i < appends.size(); i++) {
      JobId stored = ids.get(i);
      Job made = appends.get(i).job();
      boolean known = !stored.equals(made.id());
      sent.add(new SendResult(stored, known, known ? null : made));
    }
    return sent;
  }
}
