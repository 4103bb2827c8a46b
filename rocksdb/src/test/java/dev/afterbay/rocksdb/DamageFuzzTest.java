package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Harm done at random places to random files of stores with a life behind them: whatever it is, the
 * store refuses to open and names the file, or stops, or everything is there with its right bytes;
 * and a repair saves what can be read. {@code -Dafterbay.fuzz=N} tries more cases, {@code
 * -Dafterbay.seed=N} the same ones again.
 */
class DamageFuzzTest {

  private static final boolean TELLS = Integer.getInteger("afterbay.fuzz") != null;
  private static final int CASES = Integer.getInteger("afterbay.fuzz", 18);

  /** In the order of what is tried most. */
  private static final List<String> KINDS =
      List.of(
          ".sst",
          JournalFile.SUFFIX,
          JournalFile.SUFFIX,
          ".sst",
          "MANIFEST-",
          ".sst",
          "CURRENT",
          "OPTIONS-",
          "mark",
          "format",
          "lock",
          "reserve",
          "IDENTITY",
          "LOG");

  @TempDir Path directory;

  @Test
  @Timeout(3_600)
  void damageIsNamedOrHarmlessAndWhatCanBeReadIsSaved() throws IOException {
    long seed = Long.getLong("afterbay.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    List<Lived> stores = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      stores.add(Lived.made(directory.resolve("lived" + i), i, random.split()));
    }
    for (int i = 0; i < CASES; i++) {
      Lived lived = stores.get(random.nextInt(stores.size()));
      Path copy = directory.resolve("case" + i);
      DataFiles.copy(lived.directory(), copy);
      Harm harm = Harm.random(random, copy, KINDS.get(random.nextInt(KINDS.size())));
      String about = "seed " + seed + ", case " + i + ", store " + lived.number() + ": " + harm;
      try {
        String outcome = check(lived, copy, about);
        if (TELLS) {
          System.out.println(about + ": " + outcome);
        }
      } catch (StoreException.OtherFormat e) {
        assertThat(harm.kind()).as(about).isEqualTo("format");
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(about + ": " + e.getMessage(), e);
      }
      DataFiles.delete(copy);
    }
  }

  private String check(Lived lived, Path copy, String about) throws IOException {
    Map<String, Long> before = DataFiles.checksums(copy);
    Report verified = Verification.verify(copy);
    Path repaired = copy.resolveSibling(copy.getFileName() + "-repaired");
    Report saved = Repair.repair(copy, repaired);
    before.keySet().removeIf(name -> name.endsWith("/lock"));
    Map<String, Long> after = DataFiles.checksums(copy);
    after.keySet().removeIf(name -> name.endsWith("/lock"));
    assertThat(after).as(about).isEqualTo(before);
    int lost = checkSaved(lived, repaired, verified, about);
    DataFiles.delete(repaired);
    String opened = open(lived, copy, about);
    if (!opened.equals("opened")) {
      assertThat(verified.isSound()).as(about + ": " + opened + ", but verify: sound").isFalse();
      assertThat(saved.damage()).as(about).isNotEmpty();
    } else if (verified.isSound()) {
      assertThat(lost).as(about + ": lost in repair").isZero();
    }
    return opened + (verified.isSound() ? ", sound" : ", unsound") + ", lost: " + lost;
  }

  /** How it ends to open the damaged directory and to look at all that is there. */
  private static String open(Lived lived, Path copy, String about) {
    try (RocksStore store = RocksStore.open(copy, TestStores.SETTINGS)) {
      try {
        lived.checkAll(store, about);
        return "opened";
      } catch (BrokerException.Unavailable | BrokerException.OutcomeUnknown e) {
        assertThat(store.failure()).as(about).containsPattern("\\d{6}\\.sst");
        return "stopped";
      }
    } catch (StoreException.Damaged e) {
      assertThat(e.getMessage()).as(about).contains(copy.toString());
      assertThat(e.damage().lost()).as(about).isNotBlank();
      return "refused";
    } catch (StoreException e) {
      assertThat(e.getMessage()).as(about).contains(copy.toString());
      return e.getClass().getSimpleName();
    }
  }

  /** Answers how many jobs are lost. */
  private static int checkSaved(Lived lived, Path repaired, Report verified, String about) {
    int lost;
    try (RocksStore store = RocksStore.open(repaired, TestStores.SETTINGS)) {
      lost = lived.checkSome(store, verified.isSound(), about + ", repaired");
    }
    Report after = Verification.verify(repaired);
    assertThat(after.isSound()).as(about + ", repaired: " + after).isTrue();
    return lost;
  }
}
