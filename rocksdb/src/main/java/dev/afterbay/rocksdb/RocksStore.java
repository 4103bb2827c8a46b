package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.LedgerReads;
import dev.afterbay.ledger.Listing;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Commit.Durability;
import dev.afterbay.store.Committed;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import dev.afterbay.store.StoreHealth;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The store on one machine: a data directory that one process has for itself.
 *
 * <p>A written commit survives the end of the process, a synced one the loss of power. When a write
 * or a sync fails, the store refuses everything with {@link BrokerException.Unavailable} until it
 * is closed and opened again ({@link #health}). Not so a write that found no room, no inode, no
 * quota or no descriptor: it is done again at the same place. When the disk fills up, sends are
 * refused with {@link BrokerException.DiskFull}, everything else goes on, and sends do when there
 * is room again.
 *
 * <p>A caller who is interrupted still gets the answer, and keeps the interrupt status: what was
 * asked for may have happened.
 */
public final class RocksStore implements Store {

  /*
   * Callers, mostly virtual threads, hand a StoreRequest to the Sequencer and park; none enters
   * JNI, where it would hold on to its carrier. The Sequencer's thread runs requests through the
   * ledger and appends each group to the Journal as one batch, the Syncer's thread syncs for all who
   * wait, the Applier's puts their net changes into the tables. Bodies that the ledger will want
   * next are read ahead by ReadAhead's. Pages of jobs are read by a Reader from a snapshot, as they
   * may take long. Room looks after the disk.
   *
   * Rejected: a lock and a condition with the first caller as the leader of its group (virtual
   * threads would enter JNI); RocksDB's own group commit (it wants a thread for each writer, and the
   * rules of the ledger are for one thread anyhow); one thread for the ledger and the tables, or for
   * the journal alone (decisions 0006, 0011); syncing in the thread that writes (measured, it starves
   * settles 4 to 1: storage.md, section 2).
   */

  /**
   * How a store is opened.
   *
   * @param clock null: the machine's clocks
   * @param reserveBytes room that is kept for the case that the disk is full; null: 64 MiB, or 5 %
   *     of the file system if that is less
   * @param lowWaterBytes when less is free, sends are refused; null: 512 MiB, or 10 % of the file
   *     system if that is less
   */
  public record Settings(
      @Nullable Clock clock,
      @Nullable Long reserveBytes,
      @Nullable Long lowWaterBytes,
      Memory memory) {

    public static final Settings STANDARD = new Settings(null, null, null, Memory.STANDARD);

    public Settings clock(Clock clock) {
      return new Settings(clock, reserveBytes, lowWaterBytes, memory);
    }

    /** Both as in {@link Settings}. */
    public Settings disk(@Nullable Long reserveBytes, @Nullable Long lowWaterBytes) {
      return new Settings(clock, reserveBytes, lowWaterBytes, memory);
    }

    public Settings memory(Memory memory) {
      return new Settings(clock, reserveBytes, lowWaterBytes, memory);
    }
  }

  /** How much memory a store takes beside the Java heap, however deep its queues are. */
  public enum Memory {
    /** Up to about 200 MiB. */
    STANDARD,
    /** Up to about 40 MiB, for small machines. */
    SMALL
  }

  /**
   * What may wait at the same time: jobs that requests bring, and requests, of which each counts
   * for {@link #REQUEST_BYTES}. Apart, for what settles or lapses must not be refused because of
   * large messages. Jobs are let in while there is less than that, so that the larger ones get
   * their turn.
   */
  private static final long WAITING_BYTES_MAX =
      Math.min(128L << 20, Runtime.getRuntime().maxMemory() / 8);

  private static final int REQUEST_BYTES = 1 << 10;

  /** A larger setting is refused as sends are while the disk is nearly full. */
  private static final int SMALL_BYTES_MAX = 4 << 10;

  /** Of one call, so that its batch, whose texts may take three bytes a character, is an array. */
  static final long COMMITS_BYTES_MAX = 256L << 20;

  private final OpenStore opened;
  private final Ledger ledger;
  private final AtomicLong waitingRequests = new AtomicLong();
  private final AtomicLong waitingBytes = new AtomicLong();
  private volatile boolean closed;

  private RocksStore(OpenStore opened) {
    this.opened = opened;
    this.ledger = opened.ledger();
  }

  /**
   * Opens the data directory, and makes it if it is not there.
   *
   * @throws StoreException if that cannot be done: used by another process, damaged, of a newer
   *     version, or no room
   */
  public static RocksStore open(Path directory, Settings settings) {
    return open(directory, settings, UnaryOperator.identity());
  }

  /** As {@link #open(Path, Settings)}, with faults put in below it. */
  static RocksStore open(Path directory, Settings settings, UnaryOperator<Device> faults) {
    return new RocksStore(OpenStore.open(directory, settings, faults));
  }

  /**
   * How many files a store has open at most in a process that may have {@code allowed} open.
   * Whoever takes in connections has to leave it so many: a store that cannot open a file fails.
   */
  public static int openFilesMax(long allowed) {
    return OpenFiles.all(allowed);
  }

  /** Why the store refuses everything, in one sentence; null: it does not. */
  @Nullable String failure() {
    return opened.failure().reason();
  }

  /** Whether sends are refused because the disk is nearly full. */
  boolean isDiskLow() {
    return opened.room().isLow();
  }

  @Override
  public Clock clock() {
    return opened.clock();
  }

  @Override
  public List<Committed> commit(List<Commit> commits) {
    boolean synced = false;
    boolean needsRoom = false;
    long bytes = 0;
    for (Commit commit : commits) {
      synced |= commit.durability() == Durability.SYNCED;
      for (Change change : commit.changes()) {
        long more = bytesOf(change);
        needsRoom |= isRefusedWhenLow(change, more);
        bytes += more;
      }
    }
    if (bytes > COMMITS_BYTES_MAX) {
      throw new BrokerException.Rejected(
          "commits",
          "the jobs of one call have "
              + bytes
              + " B, at most "
              + COMMITS_BYTES_MAX
              + " B are taken: commit fewer at a time");
    }
    StoreRequest.Kind kind = synced ? StoreRequest.Kind.SYNCED : StoreRequest.Kind.WRITTEN;
    if (!needsRoom) {
      return ask(new StoreRequest<>(kind, () -> committed(commits)), bytes);
    }
    opened.room().check();
    long size = bytes;
    return ask(
        new StoreRequest<>(
            kind,
            () -> {
              opened.checkRoom(size); // Again: the disk may have filled up while it waited.
              return committed(commits);
            }),
        bytes);
  }

  /**
   * As sends are. Not so what an attempt tells: without its checkpoint it would do its work again,
   * and each job that is being processed has only so much of it.
   */
  private static boolean isRefusedWhenLow(Change change, long bytes) {
    return change instanceof Change.Append
        || (change instanceof Change.Put && bytes > SMALL_BYTES_MAX);
  }

  /** What a change brings; what one says of jobs that are there is small. */
  private static long bytesOf(Change change) {
    return switch (change) {
      case Change.Append(Job job, _) -> job.bytes();
      case Change.Note(_, _, JobNotes.Checkpoint(byte[] value)) -> value.length;
      case Change.Note(_, _, JobNotes.Result result) -> result.value().length;
      // The log is written again with each line.
      case Change.Note(_, _, JobNotes.Line _) -> JobNotes.Log.CHARS_MAX;
      case Change.Put(Setting setting) ->
          setting.values().values().stream().mapToLong(String::length).sum();
      default -> 0;
    };
  }

  private List<Committed> committed(List<Commit> commits) {
    return commits.stream().map(ledger::commit).toList();
  }

  @Override
  public List<Job> claim(Claim claim) {
    return ask(new ClaimRequest(ledger, claim).request, 0);
  }

  /** A claim that removes its jobs must be synced before they are handed out. */
  private static final class ClaimRequest {
    private final StoreRequest<List<Job>> request;

    ClaimRequest(Ledger ledger, Claim claim) {
      request = new StoreRequest<>(StoreRequest.Kind.WRITTEN, () -> jobs(ledger.claim(claim)));
    }

    private List<Job> jobs(Ledger.Claimed claimed) {
      if (claimed.durability() == Durability.SYNCED) {
        request.needsSync();
      }
      return claimed.jobs();
    }
  }

  @Override
  public @Nullable SessionLease hold(
      String queue, @Nullable String session, String consumer, long leaseTicks) {
    return this.<@Nullable SessionLease>ask(
        StoreRequest.Kind.SYNCED, () -> ledger.hold(queue, session, consumer, leaseTicks));
  }

  @Override
  public @Nullable SessionLease held(String queue, String session) {
    return this.<@Nullable SessionLease>read(reads -> reads.held(queue, session));
  }

  @Override
  public List<Job> find(List<JobId> ids, long bytesMax) {
    return read(reads -> reads.find(ids, bytesMax));
  }

  @Override
  public JobNotes notes(JobId id) {
    return read(reads -> reads.notes(id));
  }

  @Override
  public Jobs.JobPage list(Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    return opened.reader().read(view -> Listing.list(view, query, cursor, max, bytesMax));
  }

  @Override
  public Jobs.JobPage ended(
      String queue, Status.Kind kind, boolean newestFirst, @Nullable String cursor, int max) {
    return opened.reader().read(view -> Listing.ended(view, queue, kind, newestFirst, cursor, max));
  }

  @Override
  public List<Job> peek(String queue, int max, long bytesMax) {
    return read(reads -> reads.peek(queue, max, bytesMax));
  }

  @Override
  public List<Job> overdue(Overdue overdue, int max) {
    return read(reads -> reads.overdue(overdue, max));
  }

  @Override
  public List<String> queues(@Nullable String after, int max) {
    return read(reads -> reads.queues(after, max));
  }

  @Override
  public QueueStats stats(String queue) {
    return read(reads -> reads.stats(queue));
  }

  @Override
  public Optional<Setting> setting(String kind, String name) {
    return read(reads -> reads.setting(kind, name));
  }

  @Override
  public List<Setting> settings(String kind, @Nullable String after, int max) {
    return read(reads -> reads.settings(kind, after, max));
  }

  @Override
  public AutoCloseable wake(Consumer<Wake> wakes) {
    return ledger.wake(wakes);
  }

  @Override
  public EventFeed events() {
    return ledger.events();
  }

  @Override
  public StoreHealth health() {
    if (closed) {
      return StoreHealth.failed("the store is closed: open it again");
    }
    List<String> reasons = new ArrayList<>();
    String failure = failure();
    if (failure != null) {
      reasons.add("the store failed: " + failure);
    }
    if (isDiskLow()) {
      reasons.add("the disk is nearly full: nothing is taken in until there is room");
    }
    return new StoreHealth(failure == null, reasons, opened.room().leftBytes());
  }

  /** {@inheritDoc} Then {@link Restoration} makes a data directory of them. */
  @Override
  public void backup(OutputStream to) throws IOException, InterruptedException {
    opened.backups().write(to);
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public void close() {
    closed = true;
    opened.close();
  }

  private <T extends @Nullable Object> T read(Function<LedgerReads, T> work) {
    return ask(StoreRequest.Kind.READ, () -> work.apply(ledger.reads()));
  }

  private <T extends @Nullable Object> T ask(StoreRequest.Kind kind, Supplier<T> work) {
    return ask(new StoreRequest<>(kind, work), 0);
  }

  private <T extends @Nullable Object> T ask(StoreRequest<T> request, long bytes) {
    try {
      boolean tooMany = waitingRequests.incrementAndGet() * REQUEST_BYTES > WAITING_BYTES_MAX;
      long others = waitingBytes.addAndGet(bytes) - bytes;
      if (tooMany || (bytes > 0 && others >= WAITING_BYTES_MAX)) {
        throw new BrokerException.Unavailable(
            "more than "
                + WAITING_BYTES_MAX
                + " B of requests wait for the store: try again later");
      }
      opened.sequencer().accept(request);
      return request.await();
    } finally {
      waitingBytes.addAndGet(-bytes);
      waitingRequests.decrementAndGet();
    }
  }
}
