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
import dev.afterbay.Sent;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Messages come in: what is refused is refused before anything is written; then one commit. */
final class Sending {

  private Sending() {}

  static List<Sent> toOne(Engine engine, String queue, Limits limits, List<Message> messages) {
    engine.requireOpen();
    if (messages.isEmpty()) {
      return List.of();
    }
    SendLimits.check(limits, messages);
    Catalog.Entry entry = admit(engine, queue, messages.size());
    Moment now = engine.clock().now();
    List<Change.Append> appends = new ArrayList<>(messages.size());
    for (Message message : messages) {
      appends.add(append(engine, queue, entry.settings(), message, now));
    }
    return commit(engine, appends);
  }

  static List<Sent> toSeveral(Engine engine, List<Addressed> messages) {
    engine.requireOpen();
    if (messages.isEmpty()) {
      return List.of();
    }
    SendLimits.check(engine.settings.limits(), messages.stream().map(Addressed::message).toList());
    Map<String, Integer> counts = new LinkedHashMap<>();
    messages.forEach(each -> counts.merge(each.queue(), 1, Integer::sum));
    Map<String, Catalog.Entry> queues = new HashMap<>();
    counts.forEach((queue, count) -> queues.put(queue, admit(engine, queue, count)));
    Moment now = engine.clock().now();
    List<Change.Append> appends = new ArrayList<>(messages.size());
    for (Addressed each : messages) {
      Catalog.Entry queue = Objects.requireNonNull(queues.get(each.queue()));
      appends.add(append(engine, each.queue(), queue.settings(), each.message(), now));
    }
    return commit(engine, appends);
  }

  /** The queue, which may come to exist; it must have room. */
  private static Catalog.Entry admit(Engine engine, String name, int messages) {
    Catalog.Entry queue = engine.create(name);
    if (queue.state().kind() == QueueState.Kind.DRAINING) {
      throw new BrokerException.Unavailable(
          "queue " + name + " is draining and takes no messages: resume it first");
    }
    Long max = queue.settings().depthMax();
    if (max != null && engine.store.stats(name).depth() + messages > max) {
      throw new BrokerException.QueueFull(name, max);
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

  private static List<Sent> commit(Engine engine, List<Change.Append> appends) {
    Committed committed = engine.store.commit(Commit.synced(appends));
    if (!(committed instanceof Committed.Done done)) {
      throw new IllegalStateException("appends cannot be stale: " + committed);
    }
    List<Sent> sent = new ArrayList<>(appends.size());
    for (int i = 0; i < appends.size(); i++) {
      JobId stored = done.ids().get(i);
      sent.add(new Sent(stored, !stored.equals(appends.get(i).job().id())));
    }
    return sent;
  }
}
