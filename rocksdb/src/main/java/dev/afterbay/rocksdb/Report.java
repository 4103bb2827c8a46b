package dev.afterbay.rocksdb;

import dev.afterbay.QueueStats;
import java.util.List;
import java.util.Map;

/**
 * What a data directory holds.
 *
 * @param queues how many jobs are in which state, counted one by one; ages are not told
 * @param damage to its files; empty: none
 * @param faults where its tables do not agree, in words; empty: nowhere
 */
public record Report(Map<String, QueueStats> queues, List<Damage> damage, List<String> faults) {

  public boolean isSound() {
    return damage.isEmpty() && faults.isEmpty();
  }
}
