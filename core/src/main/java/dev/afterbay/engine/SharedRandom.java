package dev.afterbay.engine;

import java.util.random.RandomGenerator;

/** A generator that many threads may use; the given one need not be safe for that. */
final class SharedRandom implements RandomGenerator {

  private final RandomGenerator random;

  SharedRandom(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public synchronized long nextLong() {
    return random.nextLong();
  }
}
