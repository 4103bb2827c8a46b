package dev.afterbay.store;

import java.util.List;

/** A few changes written all or none: the unit of durability, replication and events. */
public record Commit(Durability durability, List<Change> changes) {

  public static final int CHANGES_MAX = 1_000;

  public Commit {
    changes = List.copyOf(changes);
    if (changes.isEmpty() || changes.size() > CHANGES_MAX) {
      throw new IllegalArgumentException(
          "a commit has 1 to " + CHANGES_MAX + " changes, not " + changes.size());
    }
  }

  public static Commit synced(List<? extends Change> changes) {
    return new Commit(Durability.SYNCED, List.copyOf(changes));
  }

  public static Commit synced(Change change) {
    return new Commit(Durability.SYNCED, List.of(change));
  }

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
}
