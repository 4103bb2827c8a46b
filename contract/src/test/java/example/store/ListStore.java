package example.store;

import dev.afterbay.BrokerException;
import dev.afterbay.Due;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.rules.AnswerRules;
import dev.afterbay.rules.ClaimRules;
import dev.afterbay.rules.CommitRules;
import dev.afterbay.rules.Dependents;
import dev.afterbay.rules.EventRules;
import dev.afterbay.rules.SessionRules;
import dev.afterbay.rules.SessionRules.Turn;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import dev.afterbay.store.StoreHealth;
import example.store.ListDisk.Name;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store as simple as one can be: a list of jobs, one lock, and each question answered by a walk
 * over the list. What may happen and what it means is asked of {@code dev.afterbay.rules}; what is
 * left for a store is to remember, and to find again.
 */
final class ListStore implements Store {

  /** How often the calendar is looked at, in ticks: somebody may set it. */
  private static final long LOOK_TICKS = 1_000;

  private final ListDisk disk;
  private final Clock machine;
  private final long tickOffset;
  private final ListQueries queries;
  private final ListFeed feed;
  private final List<Consumer<Wake>> listeners = new CopyOnWriteArrayList<>();

  /** What the call that is under way will tell. */
  private final List<Event> events = new ArrayList<>();

  /** Queues that it changed, and those of them of which a session may be free now. */
  private final Set<String> changed = new HashSet<>();

  private final Set<String> vacated = new HashSet<>();
  private Clock.Alarm alarm = () -> {};
  private long fences;
  private boolean closed;

  ListStore(ListDisk disk, Clock machine) {
    this.disk = disk;
    this.queries = new ListQueries(disk);
    this.machine = machine;
    this.tickOffset = disk.tick - machine.now().tick();
    this.feed = new ListFeed(++disk.epoch);
    call(now -> {
      for (Job job : List.copyOf(disk.jobs.values())) {
        if (job.status() instanceof Status.Processing(Lease lease)) {
          QueueSettings settings = disk.settings(job.queue());
          renew(job, TimeRules.untilAfterOpening(lease, settings, now));
        }
      }
      return true;
    });
  }

  @Override
  public Clock clock() {
    return new Clock() {
      @Override
      public Moment now() {
        Moment raw = machine.now();
        return new Moment(raw.wall(), raw.tick() + tickOffset);
      }

      @Override
      public Alarm at(long tick, Runnable action) {
        return machine.at(tick - tickOffset, action);
      }
    };
  }

  /** Everything is done here, under the one lock: what time asks for, the call, what is told. */
  private synchronized <T extends @Nullable Object> T call(Function<Moment, T> action) {
    if (closed) {
      throw new BrokerException.Unavailable("the store is closed: open it again");
    }
    Moment now = clock().now();
    disk.tick = now.tick();
    pass(now);
    T answer = action.apply(now);
    tell(now);
    alarm.cancel();
    nextLook(now).ifPresent(tick -> alarm = clock().at(tick, this::look));
    return answer;
  }

  private synchronized void look() {
    if (!closed) {
      call(_ -> true);
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      call(_ -> true);
      alarm.cancel();
      closed = true;
    }
  }

  // Time.

  private void pass(Moment now) {
    for (JobId id : List.copyOf(disk.scheduled)) {
      Job job = need(id);
      if (!TimeRules.isScheduled(job, now)) {
        disk.scheduled.remove(id);
        changed.add(job.queue());
        events.add(EventRules.ofJob(Event.Type.ENQUEUED, job, job.state(), now));
      }
    }
    for (Map.Entry<Name, SessionLease> hold : List.copyOf(disk.holds.entrySet())) {
      if (SessionRules.hasLapsed(hold.getValue(), now)) {
        free(hold.getKey(), hold.getValue(), SessionRules::lost, now);
      }
    }
    disk.keys.values().removeIf(key -> !TimeRules.isRemembered(key.untilMillis(), now));
  }

  private Optional<Long> nextLook(Moment now) {
    Stream<Long> due =
        disk.scheduled.stream()
            .map(id -> ((Status.Pending) need(id).status()).due())
            .map(it -> it instanceof Due.AtTick(long tick) ? tick : now.tick() + LOOK_TICKS);
    Stream<Long> lapses = disk.holds.values().stream().map(SessionLease::untilTick);
    return Stream.concat(due, lapses).min(Comparator.naturalOrder());
  }

  // Changes.

  @Override
  public List<Committed> commit(List<Commit> commits) {
    return call(now -> commits.stream().map(commit -> commit(commit, now)).toList());
  }

  private Committed commit(Commit commit, Moment now) {
    Committed answer = CommitRules.answer(commit, disk, now);
    if (answer != null) {
      return answer;
    }
    List<JobId> ids = new ArrayList<>();
    long affected = 0;
    for (Change change : commit.changes()) {
      switch (change) {
        case Change.Append append -> ids.add(append(append, now));
        case Change.Swap swap -> {
          Job job = need(swap.id());
          apply(job, CommitRules.swapped(job, swap), now);
        }
        case Change.Renew(JobId id, _, long untilTick) -> {
          Job renewed = renew(need(id), untilTick);
          events.add(EventRules.ofJob(Event.Type.RENEWED, renewed, null, now));
        }
        case Change.Note(JobId id, _, JobNotes.Note note) ->
            events.add(EventRules.ofNote(note, disk.note(need(id), note, now), now));
        case Change.Ended(JobId waiting, boolean good) ->
            Dependents.tell(waiting, good, countDown(now));
        case Change.Hold hold -> hold(hold, now);
        case Change.Put(Setting setting) -> put(setting, now);
        case Change.Forget forget -> affected += forget(forget, now);
        case Change.Drop _ -> {} // It has nothing left.
      }
    }
    return new Committed.Done(ids, affected);
  }

  private JobId append(Change.Append append, Moment now) {
    Job job = append.job().accepted(++disk.seq);
    if (append.unique() instanceof Change.Unique(var text, var until)) {
      JobId first = disk.jobOfKey(job.queue(), text);
      if (first != null) {
        return first;
      }
      if (TimeRules.isRemembered(until.toEpochMilli(), now)) {
        ListDisk.Key key = new ListDisk.Key(job.id(), until.toEpochMilli());
        disk.keys.put(new Name(job.queue(), text), key);
      }
    }
    remember(job, now);
    events.add(EventRules.ofJob(EventRules.accepted(job, now), job, null, now));
    return job.id();
  }

  /** Takes a job from one state to another; the job as it then is. */
  private Job apply(Job job, Transition transition, Moment now) {
    Job after = job.with(transition.after(), transition.ended());
    remember(after, now);
    if (job.status() instanceof Status.Processing) {
      vacated.addAll(job.line() == null ? Set.of() : Set.of(job.queue()));
    }
    if (transition.event() != null) {
      events.add(EventRules.ofJob(transition.event(), after, job.state(), now));
    }
    return after;
  }

  private void remember(Job job, Moment now) {
    changed.add(job.queue());
    disk.scheduled.remove(job.id());
    if (job.status() instanceof Status.Gone) {
      disk.jobs.remove(job.id());
      disk.notes.remove(job.id());
      return;
    }
    disk.jobs.put(job.id(), job);
    if (TimeRules.isScheduled(job, now)) {
      disk.scheduled.add(job.id());
    }
  }

  private Job renew(Job job, long untilTick) {
    Job renewed = job.with(TimeRules.renewed(job, untilTick), null);
    disk.jobs.put(job.id(), renewed);
    return renewed;
  }

  private Dependents.CountDown countDown(Moment now) {
    return (id, good) -> {
      Job job = disk.job(id);
      Transition counted =
          job == null ? null : Dependents.countedDown(job, good, disk.settings(job.queue()), now);
      return job == null || counted == null ? null : apply(job, counted, now);
    };
  }

  private void put(Setting setting, Moment now) {
    Name name = new Name(setting.kind(), setting.name());
    if (setting.isDeleted()) {
      disk.settings.remove(name);
    } else {
      disk.settings.put(name, setting);
    }
    changed.add(setting.name());
    Event event = EventRules.ofSetting(setting, now);
    events.addAll(event == null ? List.of() : List.of(event));
  }

  private long forget(Change.Forget forget, Moment now) {
    List<Job> oldest =
        disk.jobs.values().stream()
            .filter(job -> TimeRules.isForgotten(forget, job))
            .sorted(Comparator.comparing(TimeRules::endedAt))
            .limit(forget.max())
            .toList();
    oldest.forEach(job -> apply(job, job.deleted(now), now));
    return oldest.size();
  }

  private Job need(JobId id) {
    return Objects.requireNonNull(disk.job(id));
  }

  // Handing out.

  @Override
  public List<Job> claim(Claim claim) {
    return call(now -> {
      QueueSettings settings = disk.settings(claim.queue());
      long processing = disk.count(claim.queue(), Status.Kind.PROCESSING);
      int most = ClaimRules.most(claim.max(), settings, processing);
      List<Job> claimed = new ArrayList<>();
      long bytes = 0;
      while (claimed.size() < most) {
        Job next = next(claim, now);
        if (next == null
            || !AnswerRules.hasRoom(claimed.size(), bytes, next.bytes(), claim.bytesMax())) {
          break;
        }
        bytes += next.bytes();
        long fence = ClaimRules.fence(disk.epoch, ++fences);
        claimed.add(apply(next, ClaimRules.handedOut(next, claim, settings, fence, now), now));
        if (claim.held() == null && ClaimRules.endsClaim(next, settings)) {
          break;
        }
      }
      return claimed;
    });
  }

  private @Nullable Job next(Claim claim, Moment now) {
    SessionLease held = claim.held();
    if (held == null) {
      return queries
          .offered(claim.queue(), Turn.ANYBODY, now)
          .filter(job -> claim.types().takes(job.message().type()))
          .min(ClaimRules::compare)
          .orElse(null);
    }
    SessionLease current = disk.session(claim.queue(), held.session());
    return current == null || current.fence() != held.fence()
        ? null
        : queries
            .offered(claim.queue(), Turn.CONSUMER, now)
            .filter(job -> held.session().equals(job.line()))
            .filter(job -> claim.types().takes(job.message().type()))
            .findFirst()
            .orElse(null);
  }

  // Sessions.

  @Override
  public @Nullable SessionLease hold(
      String queue, @Nullable String session, String consumer, long leaseTicks) {
    return this.<@Nullable SessionLease>call(now -> {
      boolean isPaused = disk.isIn(QueueState.Kind.PAUSED, queue);
      int held = disk.sessionsHeld(queue).size();
      String free = session == null ? firstFree(queue, now) : session;
      if (free == null
          || !SessionRules.mayHold(isPaused, held, disk.settings(queue))
          || disk.session(queue, free) != null
          || disk.processing(queue, free).findAny().isPresent()) {
        return null;
      }
      long fence = ClaimRules.fence(disk.epoch, ++fences);
      SessionLease lease = new SessionLease(free, consumer, fence, now.tick() + leaseTicks);
      disk.holds.put(new Name(queue, free), lease);
      changed.add(queue);
      events.add(EventRules.ofSession(Event.Type.SESSION_HELD, queue, free, consumer, now));
      return lease;
    });
  }

  private @Nullable String firstFree(String queue, Moment now) {
    return queries
        .offered(queue, Turn.ANYBODY, now)
        .filter(job -> job.line() != null)
        .min(ClaimRules::compare)
        .map(Job::line)
        .orElse(null);
  }

  @Override
  public @Nullable SessionLease held(String queue, String session) {
    return this.<@Nullable SessionLease>call(_ -> disk.session(queue, session));
  }

  private void hold(Change.Hold change, Moment now) {
    Name name = new Name(change.queue(), change.session());
    SessionLease held = Objects.requireNonNull(disk.holds.get(name));
    Long until = change.untilTick();
    if (until == null) {
      free(name, held, SessionRules::freed, now);
    } else {
      disk.holds.put(name, new SessionLease(held.session(), held.consumer(), held.fence(), until));
    }
  }

  /** What the end of a hold does to the job that its consumer has not settled. */
  @FunctionalInterface
  private interface HandingBack {
    Transition of(Job processing, QueueSettings settings, Moment now);
  }

  private void free(Name name, SessionLease held, HandingBack back, Moment now) {
    String queue = name.place();
    for (Job job : disk.processing(queue, name.name()).toList()) {
      Job after = apply(job, back.of(job, disk.settings(queue), now), now);
      Dependents.endedByStore(after, countDown(now));
    }
    disk.holds.remove(name);
    changed.add(queue);
    vacated.add(queue);
    events.add(
        EventRules.ofSession(Event.Type.SESSION_FREED, queue, name.name(), held.consumer(), now));
  }

  // Questions.

  @Override
  public List<Job> find(List<JobId> ids, long bytesMax) {
    return call(_ -> queries.find(ids, bytesMax));
  }

  @Override
  public JobNotes notes(JobId id) {
    return call(_ -> disk.notes.getOrDefault(id, JobNotes.NONE));
  }

  @Override
  public Jobs.JobPage list(Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    return call(_ -> queries.list(query, cursor, max, bytesMax));
  }

  @Override
  public Jobs.JobPage ended(
      String queue, Status.Kind kind, boolean newestFirst, @Nullable String cursor, int max) {
    return call(_ -> queries.ended(queue, kind, newestFirst, cursor, max));
  }

  @Override
  public List<Job> peek(String queue, int max, long bytesMax) {
    return call(now -> queries.peek(queue, max, bytesMax, now));
  }

  @Override
  public List<Job> overdue(Overdue overdue, int max) {
    return call(now -> queries.overdue(overdue, max, now));
  }

  @Override
  public List<String> queues(@Nullable String after, int max) {
    return call(_ -> queries.queues(after, max));
  }

  @Override
  public QueueStats stats(String queue) {
    return call(now -> queries.stats(queue, now));
  }

  @Override
  public Optional<Setting> setting(String kind, String name) {
    return call(_ -> Optional.ofNullable(disk.setting(kind, name)));
  }

  @Override
  public List<Setting> settings(String kind, @Nullable String after, int max) {
    return call(_ -> queries.settings(kind, after, max));
  }

  // Telling.

  @Override
  public AutoCloseable wake(Consumer<Wake> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public synchronized StoreHealth health() {
    return closed ? StoreHealth.failed("it is closed") : StoreHealth.GOOD;
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public EventFeed events() {
    return feed;
  }

  private void tell(Moment now) {
    feed.publish(events);
    for (String queue : changed) {
      long processing = disk.count(queue, Status.Kind.PROCESSING);
      boolean isRoom = ClaimRules.most(1, disk.settings(queue), processing) > 0;
      if (vacated.contains(queue)
          || (isRoom && queries.offered(queue, Turn.ANYBODY, now).findAny().isPresent())) {
        listeners.forEach(listener -> listener.accept(new Wake(queue, null)));
      }
      if (isRoom) {
        queries
            .offered(queue, Turn.CONSUMER, now)
            .forEach(
                job -> listeners.forEach(listener -> listener.accept(new Wake(queue, job.line()))));
      }
    }
    events.clear();
    changed.clear();
    vacated.clear();
  }
}
