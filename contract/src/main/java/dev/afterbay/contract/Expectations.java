package dev.afterbay.contract;

import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.Receiver;
import dev.afterbay.Session;
import dev.afterbay.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What must hold whatever happens, held against a naive memory of all that was sent, handed out and
 * answered.
 */
final class Expectations {

  /** A session that a simulated consumer holds. */
  record Holding(String queue, String line, Receiver consumer, long untilTick) {}

  private static final Jobs.JobQuery WITH_BODIES = Jobs.JobQuery.ALL.bodies(true);

  private final World world;
  private final Map<Integer, Letter> letters = new TreeMap<>();
  private final Map<String, Holding> holdings = new HashMap<>();
  private final List<Handle> handles = new ArrayList<>();
  private final Set<String> paused = new HashSet<>();
  private int numbers;

  Expectations(World world) {
    this.world = world;
  }

  List<Letter> letters() {
    return List.copyOf(letters.values());
  }

  List<Handle> handles() {
    return handles;
  }

  Set<String> paused() {
    return paused;
  }

  int nextNumber() {
    return numbers;
  }

  /** Before a message is sent; its body is its number, see {@link #nextNumber}. */
  Letter sent(String queue, Message message) {
    Letter letter = new Letter(numbers++, queue, message, world);
    letters.put(letter.number, letter);
    return letter;
  }

  /** Checks a job that was just handed out, and remembers it. */
  void delivered(Handle handle, Job job) {
    Letter letter = handle.letter;
    Moment now = world.store().clock().now();
    JobId id = letter.id;
    check(id == null || id.equals(job.id()), letter, "came as " + job.id());
    check(job.queue().equals(letter.queue), letter, "came from " + job.queue());
    check(!paused.contains(letter.queue), letter, "came from a paused queue");
    Handle other = letter.handle;
    check(other == null || !other.isLive(now.tick()), letter, "has two live leases");
    boolean mayCome = letter.endedAtSync == Letter.NOT_ENDED || letter.mayComeBack;
    check(mayCome, letter, "came after it had ended");
    check(!letter.atMostOnce || letter.deliveries == 0, letter, "came twice at most once");
    checkTime(letter, job, now);
    checkAttempts(letter, job);
    checkOrder(letter, now, handle.receiver);
    letter.id = job.id();
    letter.deliveries++;
    letter.handle = handle;
    handles.add(handle);
  }

  /** Before the calendar is set: what was due stays so. */
  void calendarIsSet() {
    Instant wall = world.clock.now().wall();
    for (Letter letter : letters.values()) {
      Instant notBefore = letter.message.options().notBefore();
      letter.moved |= notBefore != null && !notBefore.isAfter(wall);
    }
  }

  /** What a session handed out comes back when it is lost, at the latest when somebody looks. */
  void lookForLostSessions() {
    for (Handle handle : handles) {
      if (handle.receiver instanceof Session && handle.letter.line != null) {
        Holding holding = holding(handle.letter.queue, handle.letter.line);
        handle.doubtful |= holding == null || !holding.consumer().equals(handle.receiver);
      }
    }
  }

  /** Every message that was accepted is there unless something may have ended it. */
  void checkNothingLost() {
    for (Letter letter : letters.values()) {
      JobId id = letter.id;
      if (id != null && !letter.mayBeGone && !letter.atMostOnce) {
        check(find(id) != null, letter, "is lost");
      }
    }
  }

  /** The list has each job once, none was invented, and the counts are those of the list. */
  void checkListsAndCounts() {
    Map<String, Map<Status.Kind, Long>> counts = new HashMap<>();
    Map<String, Long> due = new HashMap<>();
    Set<JobId> ids = new HashSet<>();
    Set<Integer> numbers = new HashSet<>();
    Moment now = world.store().clock().now();
    for (Job job : list()) {
      check(ids.add(job.id()), null, job.id() + " is listed twice");
      Letter letter = letter(job.message());
      check(numbers.add(letter.number), letter, "is stored twice");
      check(letter.queue.equals(job.queue()), letter, "is in " + job.queue());
      counts
          .computeIfAbsent(job.queue(), _ -> new EnumMap<>(Status.Kind.class))
          .merge(job.status().kind(), 1L, Long::sum);
      if (job.status() instanceof Status.Pending(Due at) && at.isOver(now)) {
        due.merge(job.queue(), 1L, Long::sum);
      }
    }
    for (String queue : World.QUEUES) {
      Map<Status.Kind, Long> of = counts.getOrDefault(queue, Map.of());
      checkCounts(queue, of, due.getOrDefault(queue, 0L));
    }
  }

  /** The letter that a message is of. */
  Letter letter(Message message) {
    Letter letter = letters.get(Integer.parseInt(message.text()));
    check(letter != null, null, "nobody sent " + message);
    return Objects.requireNonNull(letter);
  }

  /** It was certainly not stored, or known already: if it is ever seen, it was invented. */
  void forget(Letter letter) {
    letters.remove(letter.number);
  }

  @Nullable Letter withId(JobId id) {
    return letters.values().stream()
        .filter(letter -> id.equals(letter.id))
        .findFirst()
        .orElse(null);
  }

  /** Who holds the session now; null: nobody, as far as anybody was told. */
  @Nullable Holding holding(String queue, String line) {
    Holding holding = holdings.get(queue + "/" + line);
    long tick = world.store().clock().now().tick();
    return holding == null || holding.untilTick() <= tick ? null : holding;
  }

  void held(Holding holding) {
    holdings.put(holding.queue() + "/" + holding.line(), holding);
  }

  void freed(String queue, String line) {
    holdings.remove(queue + "/" + line);
  }

  /**
   * Leases inside the process ended with it.
   *
   * @param syncs how often the store had synced; what was only written since then may be lost with
   *     the power
   */
  void processEnded(boolean powerLost, long syncs) {
    for (Handle handle : handles) {
      handle.ended |= handle.receipt == null;
      handle.doubtful = true;
    }
    for (Letter letter : letters.values()) {
      boolean safe = !powerLost || letter.endedAtSync < syncs;
      letter.endedAtSync =
          safe && letter.endedAtSync != Letter.NOT_ENDED ? Letter.ENDED_DURABLY : Letter.NOT_ENDED;
    }
    holdings.clear();
    checkNothingLost();
    checkListsAndCounts();
  }

  @Nullable Job find(JobId id) {
    return world.engine().jobs().orElseThrow().find(id).orElse(null);
  }

  void check(boolean holds, @Nullable Letter letter, String otherwise) {
    if (!holds) {
      JobId id = letter == null ? null : letter.id;
      String now = id == null ? "" : "; it is now " + find(id);
      throw new AssertionError(
          (letter == null ? "" : letter + " ")
              + otherwise
              + " at "
              + world.store().clock().now()
              + now);
    }
  }

  private void checkTime(Letter letter, Job job, Moment now) {
    Message.Options options = letter.message.options();
    if (!letter.moved && !letter.redriven && job.state().attempts() == 1) {
      check(
          options.delay() == null || now.tick() >= letter.sentTick + options.delay().toMillis(),
          letter,
          "came before its delay was over");
      check(
          options.notBefore() == null
              || letter.deliveries > 0
              || !options.notBefore().isAfter(now.wall()),
          letter,
          "came before its time");
    }
    check(
        options.timeToLive() == null
            || job.state().redrives() > 0
            || letter.sentAt.plus(options.timeToLive()).isAfter(now.wall()),
        letter,
        "came after its time to live");
  }

  private void checkAttempts(Letter letter, Job job) {
    Integer own = letter.message.options().maxAttempts();
    int max = own != null ? own : QueueSettings.STANDARD.maxAttempts();
    check(
        job.state().attempts() >= 1 && job.state().attempts() <= max,
        letter,
        "came for try " + job.state().attempts() + " of " + max);
  }

  /** Nobody else works on or holds the session, and all that was accepted before has ended. */
  private void checkOrder(Letter letter, Moment now, Receiver receiver) {
    if (letter.line == null) {
      return;
    }
    Holding holding = holding(letter.queue, letter.line);
    check(
        holding == null || holding.consumer().equals(receiver),
        letter,
        "came although its session is held: " + holding);
    for (Letter other : letters.values()) {
      if (other != letter
          && other.queue.equals(letter.queue)
          && Objects.equals(other.line, letter.line)) {
        Handle handle = other.handle;
        check(
            handle == null || !handle.isLive(now.tick()) || other.atMostOnce,
            letter,
            "came while " + other + " is worked on");
        JobId id = other.id;
        Job before = other.number < letter.number && id != null ? find(id) : null;
        check(before == null || before.status().kind().isFinal(), letter, "came before " + other);
      }
    }
  }

  private void checkCounts(String queue, Map<Status.Kind, Long> of, long due) {
    QueueStats stats = world.engine().queue(queue).stats();
    QueueStats listed =
        new QueueStats(
            due,
            of.getOrDefault(Status.Kind.PENDING, 0L) - due,
            of.getOrDefault(Status.Kind.WAITING, 0L),
            of.getOrDefault(Status.Kind.PROCESSING, 0L),
            of.getOrDefault(Status.Kind.DONE, 0L),
            of.getOrDefault(Status.Kind.FAILED, 0L),
            of.getOrDefault(Status.Kind.CANCELLED, 0L),
            stats.oldestPendingAge());
    // A calendar that was set is seen within a second, so the two may differ in what is due.
    QueueStats shown =
        new QueueStats(
            due,
            stats.pending() + stats.scheduled() - due,
            stats.waiting(),
            stats.processing(),
            stats.done(),
            stats.failed(),
            stats.cancelled(),
            stats.oldestPendingAge());
    check(shown.equals(listed), null, queue + " counts " + stats + ", but lists " + listed);
  }

  private List<Job> list() {
    List<Job> all = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobPage page = world.store().list(WITH_BODIES, cursor, 50);
      all.addAll(page.jobs());
      cursor = page.next();
    } while (cursor != null);
    return all;
  }
}
