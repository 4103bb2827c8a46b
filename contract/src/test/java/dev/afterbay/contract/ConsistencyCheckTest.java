package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.Outcome;
import dev.afterbay.ledger.ConsistencyCheck;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That wrong rows are told. */
class ConsistencyCheckTest {

  private final MemoryTables tables = new MemoryTables();
  private final StoreUser user =
      new StoreUser(clock -> MemoryStore.open(tables, clock, Ledger.Sizes.STANDARD), 1);

  @Test
  void tablesWithJobsInEveryStateAreSound() {
    live(20);
    assertThat(deferred()).hasSize(20 * 4);
    assertThat(faults(tables)).isEmpty();
  }

  @Test
  void aJobThatIsMissingAmongTheDeferredIsAFault() {
    live(1);
    tables.delete(Table.DEFERRED, deferred().getLast());
    tables.write();
    assertThat(faults(tables)).singleElement().asString().contains("is missing from DEFERRED");
  }

  @Test
  void aRowAmongTheDeferredThatNoJobExplainsIsAFault() {
    live(1);
    byte[] foreign = deferred().getLast().clone();
    foreign[foreign.length - 1]++;
    tables.put(Table.DEFERRED, foreign, new byte[0]);
    tables.write();
    assertThat(faults(tables)).containsExactly("DEFERRED has 5 entries, and the jobs explain 4");
  }

  @Test
  void anAttemptThatMakesNoSenseIsAFault() {
    user.send(message());
    for (int i = 0; i < 2; i++) {
      user.settle(user.claimed(), Outcome.retry("no", Duration.ZERO));
    }
    attempts(tables)
        .keySet()
        .forEach(key -> tables.put(Table.ATTEMPT, HexFormat.of().parseHex(key), new byte[] {1}));
    tables.write();
    assertThat(faults(tables)).anyMatch(fault -> fault.contains("cannot be read"));
  }

  /** Builds before the first release put it there. */
  @Test
  void aRowOfMetaThatIsNotKnownIsNoFault() {
    live(1);
    tables.put(Table.META, "deferred".getBytes(StandardCharsets.US_ASCII), new byte[] {1});
    tables.write();
    assertThat(faults(tables)).isEmpty();
    user.reopen();
    assertThat(faults(tables)).isEmpty();
  }

  @Test
  void whatIsRebuiltHasThem() {
    live(20);
    Tables fresh = new MemoryTables();
    assertThat(ConsistencyCheck.rebuild(tables, fresh).faults()).isEmpty();
    assertThat(faults(fresh)).isEmpty();
    assertThat(fresh.firstKey(Table.DEFERRED, new byte[0])).isNotNull();
  }

  @Test
  void aRebuildKeepsTheLatestAttemptsWhereDeletionsOfOlderOnesWereLost() {
    user.send(message().maxAttempts(1_000));
    Map<String, byte[]> written = new HashMap<>();
    for (int i = 0; i < 2 * Job.HISTORY_MAX; i++) {
      user.settle(user.claimed(), Outcome.retry("no", Duration.ZERO));
      written.putAll(attempts(tables));
    }
    Map<String, byte[]> kept = attempts(tables);
    written.forEach((key, value) -> tables.put(Table.ATTEMPT, HexFormat.of().parseHex(key), value));
    tables.write();
    assertThat(attempts(tables)).hasSizeGreaterThan(kept.size());

    Tables fresh = new MemoryTables();
    ConsistencyCheck.rebuild(tables, fresh);
    assertThat(attempts(fresh).keySet()).containsExactlyInAnyOrderElementsOf(kept.keySet());
  }

  private static Map<String, byte[]> attempts(Tables tables) {
    Map<String, byte[]> rows = new HashMap<>();
    tables.scan(
        Table.ATTEMPT,
        new byte[0],
        null,
        true,
        (key, value) -> rows.put(HexFormat.of().formatHex(key), value) == null);
    return rows;
  }

  /** Jobs of each kind, so many; four times as many are deferred. */
  private void live(int count) {
    user.send(count, message().tracked());
    user.claim(count).forEach(job -> user.settle(job, Outcome.done()));
    user.send(count, message());
    user.claim(count).forEach(job -> user.settle(job, Outcome.retry("no", Duration.ofHours(1))));
    user.send(count, message().delay(Duration.ofMinutes(1)).timeToLive(Duration.ofHours(1)));
    user.send("other", count, message().session("s").delay(Duration.ofMinutes(1)));
    for (int i = 0; i < count; i++) {
      user.done(Commit.synced(new Change.Append(user.waiting(message(), 1), null)));
    }
    user.send(count, message().timeToLive(Duration.ofHours(1)));
    user.send(count, message().session("s"));
    user.claim(count / 2);
  }

  private List<byte[]> deferred() {
    List<byte[]> keys = new ArrayList<>();
    tables.scan(Table.DEFERRED, new byte[0], null, false, (key, _) -> keys.add(key));
    return keys;
  }

  private static List<String> faults(Tables tables) {
    return ConsistencyCheck.check(tables).faults();
  }
}
