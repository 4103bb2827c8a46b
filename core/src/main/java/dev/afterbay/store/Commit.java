package dev.afterbay.store;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A few changes written all or none: the unit of durability, replication and events.
 *
 * <p>Each change is guarded as things are before the commit, so none may be of what an earlier one
 * of the same commit changes: that is refused here, before a store sees it. Commit them one after
 * the other, for a later commit of the same gathering sees what earlier ones did. Only {@link
 * Change.Ended} has no guard and may follow any change of its job, itself included.
 *
 * <p>Rejected: guards that see what earlier changes will make of things. Each store would have to
 * compute every change twice, or undo half a commit, for what nobody needs.
 */
public record Commit(Durability durability, List<Change> changes) {

  public static final int CHANGES_MAX = 1_000;

  /**
   * @throws BrokerException.Rejected if two changes are of the same job, session or setting, or a
   *     queue is dropped after an append to it, or a job changed after jobs that are not named; its
   *     text names both changes
   */
  public Commit {
    changes = List.copyOf(changes);
    if (changes.isEmpty() || changes.size() > CHANGES_MAX) {
      throw new IllegalArgumentException(
          "a commit has 1 to " + CHANGES_MAX + " changes, not " + changes.size());
    }
    if (changes.size() > 1) {
      requireApart(changes);
    }
  }

  /** Changes that survive a loss of power once they are answered. */
  public static Commit synced(List<? extends Change> changes) {
    return new Commit(Durability.SYNCED, List.copyOf(changes));
  }

  /** One change that survives a loss of power once it is answered. */
  public static Commit synced(Change change) {
    return new Commit(Durability.SYNCED, List.of(change));
  }

  /** One change that survives the end of the process once it is answered. */
  public static Commit written(Change change) {
    return new Commit(Durability.WRITTEN, List.of(change));
  }

  /** What a commit survives once it is answered. */
  public enum Durability {
    /** The end of the process. */
    WRITTEN,
    /** Loss of power; carries every commit written earlier with it. */
    SYNCED
  }

  private static void requireApart(List<Change> changes) {
    Map<Object, Integer> changed = new HashMap<>();
    Integer unnamed = null;
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      Object subject = subject(change);
      Integer earlier = changed.putIfAbsent(subject, i);
      boolean guarded = !(change instanceof Change.Ended || change instanceof Change.Forget);
      if (guarded && earlier != null) {
        throw twice(i, subject, earlier);
      }
      if (change instanceof Change.OfJob && unnamed != null) {
        throw twice(i, subject, unnamed);
      }
      if (change instanceof Change.Drop(String queue)) {
        requireNothingAppended(queue, changes.subList(0, i));
      }
      if (change instanceof Change.Hold || change instanceof Change.Forget) {
        unnamed = i;
      }
    }
  }

  /** What the guard of a change looks at. */
  private static Object subject(Change change) {
    return switch (change) {
      case Change.Append(Job job, _) -> job.id();
      case Change.OfJob ofJob -> ofJob.id();
      case Change.Ended(JobId id, boolean _) -> id;
      case Change.Hold(String queue, String session, long _, var _) ->
          "session " + session + " of " + queue;
      case Change.Put(Setting setting) -> "setting " + setting.kind() + " " + setting.name();
      case Change.Forget(String queue, var _, var _, int _) -> "jobs of " + queue;
      case Change.Drop(String queue) -> "queue " + queue;
    };
  }

  private static void requireNothingAppended(String queue, List<Change> before) {
    for (int i = 0; i < before.size(); i++) {
      if (before.get(i) instanceof Change.Append(Job job, _) && job.queue().equals(queue)) {
        throw twice(before.size(), "queue " + queue, i);
      }
    }
  }

  private static BrokerException.Rejected twice(int change, Object subject, int earlier) {
    return new BrokerException.Rejected(
        "changes",
        "change "
            + change
            + " of a commit is of "
            + subject
            + ", which change "
            + earlier
            + " may have changed: commit one after the other");
  }
}
