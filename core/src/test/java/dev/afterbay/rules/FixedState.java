package dev.afterbay.rules;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.QueueSettings;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a store has, as a test says; it remembers what it was asked. */
final class FixedState implements StoredState {

  final Map<JobId, Job> jobs = new HashMap<>();
  final Map<String, Queue> queues = new HashMap<>();
  final Map<String, SessionLease> sessions = new HashMap<>();
  final Map<String, Setting> settings = new HashMap<>();
  final Map<String, JobId> keys = new HashMap<>();
  final List<String> asked = new ArrayList<>();

  /** What it has of a queue. */
  record Queue(@Nullable QueueSettings settings, boolean isDraining, long depth, boolean isEmpty)
      implements StoredQueue {}

  FixedState with(Job job) {
    jobs.put(job.id(), job);
    return this;
  }

  FixedState with(Setting setting) {
    settings.put(setting.kind() + " " + setting.name(), setting);
    return this;
  }

  FixedState with(SessionLease held) {
    sessions.put(held.session(), held);
    return this;
  }

  /** The queue {@code q}, with so many jobs that have not ended. */
  FixedState with(@Nullable QueueSettings settings, long depth) {
    return with("q", settings, depth);
  }

  FixedState with(String name, @Nullable QueueSettings settings, long depth) {
    queues.put(name, new Queue(settings, false, depth, depth == 0));
    return this;
  }

  /** A key of the queue {@code q}. */
  FixedState with(String key, JobId job) {
    keys.put("q " + key, job);
    return this;
  }

  @Override
  public boolean hasJob(JobId id) {
    asked.add("hasJob");
    return jobs.containsKey(id);
  }

  @Override
  public @Nullable Job job(JobId id) {
    asked.add("job");
    return jobs.get(id);
  }

  @Override
  public @Nullable StoredQueue queue(String name) {
    asked.add("queue");
    return queues.get(name);
  }

  @Override
  public @Nullable SessionLease session(String queue, String session) {
    asked.add("session");
    return sessions.get(session);
  }

  @Override
  public @Nullable Setting setting(String kind, String name) {
    asked.add("setting");
    return settings.get(kind + " " + name);
  }

  @Override
  public @Nullable JobId jobOfKey(String queue, String key) {
    asked.add("jobOfKey");
    return keys.get(queue + " " + key);
  }
}
