package example.store;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.Status;
import dev.afterbay.rules.StoredState;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a {@link ListStore} leaves behind when it is closed, and how the rules ask for it. */
final class ListDisk implements StoredState {

  /** Of a key or a session in its queue, or a setting of its kind. */
  record Name(String place, String name) {}

  /** The job that has a key, until when in milliseconds of the calendar. */
  record Key(JobId id, long untilMillis) {}

  /** In the order of acceptance. */
  final Map<JobId, Job> jobs = new LinkedHashMap<>();

  /** What attempts told of jobs that exist. */
  final Map<JobId, JobNotes> notes = new HashMap<>();

  /** Pending jobs whose time had not come when the store last looked. */
  final Set<JobId> scheduled = new HashSet<>();

  final Map<Name, Key> keys = new HashMap<>();
  final Map<Name, SessionLease> holds = new HashMap<>();
  final Map<Name, Setting> settings =
      new TreeMap<>(Comparator.comparing(Name::place).thenComparing(Name::name));
  long seq;
  long epoch;
  long tick;

  /** Keeps what an attempt tells; the job as it then is. */
  Job note(Job job, JobNotes.Note note, Moment now) {
    Job noted = job.with(job.state().noted(true), null);
    jobs.put(job.id(), noted);
    JobNotes before = notes.getOrDefault(job.id(), JobNotes.NONE);
    notes.put(job.id(), before.with(note, job.state().attempts(), now.wall()));
    return noted;
  }

  List<Job> jobs(String queue) {
    return jobs.values().stream().filter(job -> job.queue().equals(queue)).toList();
  }

  long count(String queue, Status.Kind kind) {
    return jobs(queue).stream().filter(job -> job.status().kind() == kind).count();
  }

  /** Pending, and its time has come. */
  boolean isDue(Job job) {
    return job.status() instanceof Status.Pending && !scheduled.contains(job.id());
  }

  /** The defaults where they were never set. */
  QueueSettings settings(String queue) {
    Setting setting = setting(Setting.QUEUE, queue);
    return setting == null ? QueueSettings.STANDARD : SettingCodec.settings(setting.values());
  }

  boolean isIn(QueueState.Kind kind, String queue) {
    Setting setting = setting(Setting.QUEUE_STATE, queue);
    return setting != null && SettingCodec.state(setting.values()).kind() == kind;
  }

  Stream<Job> processing(String queue, String session) {
    return jobs(queue).stream()
        .filter(job -> session.equals(job.line()))
        .filter(job -> job.status() instanceof Status.Processing);
  }

  List<SessionLease> sessionsHeld(String queue) {
    return holds.entrySet().stream()
        .filter(hold -> hold.getKey().place().equals(queue))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public boolean hasJob(JobId id) {
    return jobs.containsKey(id);
  }

  @Override
  public @Nullable Job job(JobId id) {
    return jobs.get(id);
  }

  @Override
  public StoredQueue queue(String name) {
    return new StoredQueue() {
      @Override
      public @Nullable QueueSettings settings() {
        return setting(Setting.QUEUE, name) == null ? null : ListDisk.this.settings(name);
      }

      @Override
      public boolean isDraining() {
        return isIn(QueueState.Kind.DRAINING, name);
      }

      @Override
      public long depth() {
        return jobs(name).stream().filter(job -> !job.status().kind().isFinal()).count();
      }

      @Override
      public boolean isEmpty() {
        return jobs(name).isEmpty();
      }
    };
  }

  @Override
  public @Nullable SessionLease session(String queue, String session) {
    return holds.get(new Name(queue, session));
  }

  @Override
  public @Nullable Setting setting(String kind, String name) {
    return settings.get(new Name(kind, name));
  }

  @Override
  public @Nullable JobId jobOfKey(String queue, String key) {
    Key taken = keys.get(new Name(queue, key));
    return taken == null ? null : taken.id();
  }
}
