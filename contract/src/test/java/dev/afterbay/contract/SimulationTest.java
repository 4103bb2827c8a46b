package dev.afterbay.contract;

import org.junit.jupiter.api.Test;

class SimulationTest {

  private static final int SEEDS = Integer.getInteger("afterbay.simulation.seeds", 1_000);
  private static final long FIRST = Long.getLong("afterbay.simulation.first", 1);

  @Test
  void nothingIsLostInventedOrHandedOutTwiceWhateverHappens() {
    Simulation.main(Long.toString(FIRST), Integer.toString(SEEDS));
  }

  @Test
  void whatWasCommittedCanBeReplayedOnAnotherStore() {
    for (long seed = FIRST; seed < FIRST + SEEDS / 10; seed++) {
      Simulation.replay(seed);
    }
  }
}
