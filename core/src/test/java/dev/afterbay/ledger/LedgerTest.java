package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What only a group shows that has gathered calls of several callers. */
class LedgerTest {

  private static final Moment NOW = new Moment(Instant.parse("2026-01-01T00:00:00Z"), 77);

  private Moment now = NOW;
  private final Ledger ledger =
      Ledger.open(new MemoryTables(), new StoppedClock(), Ledger.Sizes.STANDARD);

  @Test
  void aSessionThatIsHeldInTheGroupThatEndedItsLastJobStaysHeld() {
    JobId id = new JobId(new UUID(0x7000, 1L << 63));
    Message message = Message.of("note", "").session("s");
    Job job = Job.created(id, "q", message, QueueSettings.STANDARD, NOW);
    ledger.commit(Commit.synced(new Change.Append(job, null)));
    ledger.write();

    ledger.commit(Commit.synced(new Change.Swap(id, 0, job.deleted(NOW))));
    SessionLease held = ledger.hold("q", "s", "consumer", 1_000);
    ledger.write();
    assertThat(held).isNotNull();
    assertThat(ledger.reads().held("q", "s")).isEqualTo(held);
    Claim claim = new Claim("q", "other", 1_000, false, 1, ReceiveOptions.Types.ALL, null);
    ledger.commit(Commit.synced(new Change.Append(job, null)));
    assertThat(ledger.claim(claim).jobs()).isEqualTo(List.of());
  }

  @Test
  void aQueueThatWasOnlyAskedForASessionIsForgotten() {
    for (int i = 0; i < 100; i++) {
      SessionLease held = Objects.requireNonNull(ledger.hold("q" + i, "s", "consumer", 1_000));
      ledger.write();
      ledger.reads().held("never" + i, "s");
      ledger.reads().peek("never" + i, 1, 1);
      ledger.reads().stats("never" + i);
      ledger.commit(Commit.synced(new Change.Hold("q" + i, "s", held.fence(), null)));
      ledger.write();
    }
    Queues queues = ledger.reads().queues;
    for (int i = 0; i < 100; i++) {
      assertThat(queues.known("q" + i)).isNull();
      assertThat(queues.known("never" + i)).isNull();
    }
  }

  /** Paused queues, and those of which as many sessions are held as may be. */
  @Test
  void sessionsThatCannotBeHadAreNotRemembered() {
    QueueState paused = new QueueState(QueueState.Kind.PAUSED, "");
    put(Setting.QUEUE_STATE, "paused", SettingCodec.of(paused));
    put(Setting.QUEUE, "full", SettingCodec.of(QueueSettings.STANDARD.unsettledMax(1)));
    assertThat(ledger.hold("full", "s", "consumer", 1_000)).isNotNull();
    ledger.write();
    for (int i = 0; i < 10_000; i++) {
      assertThat(ledger.hold("paused", "s" + i, "consumer", 1_000)).isNull();
      assertThat(ledger.hold("full", "s" + i, "consumer", 1_000)).isNull();
      assertThat(ledger.hold("never" + i, null, "consumer", 1_000)).isNull();
      assertThat(ledger.reads().held("full", "s" + i + 1)).isNull();
      Change lost = new Change.Hold("never" + i, "s" + i, 1, null);
      assertThat(ledger.commit(Commit.synced(lost))).isInstanceOf(Committed.Stale.class);
      lost = new Change.Hold("full", "t" + i, 1, 2_000L);
      assertThat(ledger.commit(Commit.synced(lost))).isInstanceOf(Committed.Stale.class);
      SessionLease stranger = new SessionLease("t" + i, "consumer", 1, 2_000);
      Claim claim = new Claim("full", "x", 1_000, false, 1, ReceiveOptions.Types.ALL, stranger);
      assertThat(ledger.claim(claim).jobs()).isEqualTo(List.of());
      ledger.write();
      assertThat(ledger.reads().queues.known("never" + i)).isNull();
    }
    assertThat(sessionsInMemory("paused")).isEmpty();
    assertThat(sessionsInMemory("full")).containsExactly("s");
  }

  private Set<String> sessionsInMemory(String queue) {
    return Objects.requireNonNull(ledger.reads().queues.known(queue)).sessionQueues.keySet();
  }

  private void put(String kind, String name, Map<String, String> values) {
    Change put = new Change.Put(new Setting(kind, name, 1, values));
    assertThat(ledger.commit(Commit.synced(put))).isInstanceOf(Committed.Done.class);
  }

  @Test
  void oneGroupMakesFewJobsDue() {
    for (int i = 0; i < 1_000; i++) {
      JobId id = new JobId(new UUID(0x7000, 1L << 63 | i));
      Message message = Message.of("note", "").delay(Duration.ofSeconds(1));
      Job job = Job.created(id, "q", message, QueueSettings.STANDARD, NOW);
      ledger.commit(Commit.synced(new Change.Append(job, null)));
    }
    ledger.write();

    now = new Moment(NOW.wall().plusSeconds(2), NOW.tick() + 2_000);
    assertThat(ledger.promote()).as("asks to be called again").isLessThanOrEqualTo(now.tick());
    ledger.write();
    assertThat(ledger.reads().stats("q").pending()).isBetween(1L, 100L);
  }

  @Test
  void aListenerThatThrowsKeepsNobodyElseFromBeingWoken() {
    List<String> woken = new ArrayList<>();
    ledger.wake(_ -> {
      throw new IllegalStateException("a broken listener");
    });
    ledger.wake(wake -> woken.add(wake.queue()));
    ledger
        .events()
        .onPublish(() -> {
          throw new IllegalStateException("a broken listener");
        });
    ledger.events().onPublish(() -> woken.add("events"));
    JobId id = new JobId(new UUID(0x7000, 1L << 63));
    Moment at = ledger.clock().now();
    Job job = Job.created(id, "q", Message.of("note", ""), QueueSettings.STANDARD, at);
    ledger.commit(Commit.synced(new Change.Append(job, null)));
    ledger.write();
    assertThat(woken).containsExactly("events", "q");
  }

  @Test
  void aSettingThatAnotherVersionStoredIsNoReasonNotToOpen() {
    MemoryTables tables = new MemoryTables();
    Ledger.open(tables, new StoppedClock(), Ledger.Sizes.STANDARD);
    for (String kind : List.of(Setting.QUEUE, Setting.QUEUE_STATE)) {
      Setting odd = new Setting(kind, "q", 1, Map.of("lease", "for ever"));
      tables.put(Tables.Table.SETTING, Keys.setting(kind, "q"), RowFormat.setting(odd));
    }
    tables.write();

    Ledger opened = Ledger.open(tables, new StoppedClock(), Ledger.Sizes.STANDARD);
    assertThat(opened.reads().setting(Setting.QUEUE, "q")).isPresent();
    Setting mended = new Setting(Setting.QUEUE, "q", 2, SettingCodec.of(QueueSettings.STANDARD));
    assertThat(opened.commit(Commit.synced(new Change.Put(mended))))
        .isInstanceOf(Committed.Done.class);
  }

  @Test
  void aStoreOfAnotherFormatIsRefused() {
    for (int other : new int[] {RowFormat.VERSION - 1, RowFormat.VERSION + 1}) {
      MemoryTables tables = new MemoryTables();
      byte[] head = new byte[49];
      head[0] = (byte) other;
      tables.put(Tables.Table.META, Keys.HEAD, head);
      tables.write();
      assertThatThrownBy(() -> Ledger.open(tables, new StoppedClock(), Ledger.Sizes.STANDARD))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("the store has format " + other + ", this program reads format")
          .hasMessageContaining(
              other < RowFormat.VERSION
                  ? ": drain it with the version of Afterbay that wrote it"
                  : ": run the version that wrote it");
    }
  }

  private final class StoppedClock implements Clock {
    @Override
    public Moment now() {
      return now;
    }

    @Override
    public Alarm at(long tick, Runnable action) {
      return () -> {};
    }
  }
}
