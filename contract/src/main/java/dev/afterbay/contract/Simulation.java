package dev.afterbay.contract;

import dev.afterbay.BrokerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The engine over a memory store that crashes and fails, used by simulated senders and consumers,
 * all on one thread and from one seed.
 *
 * <p>After each step it must hold that no message that was accepted is lost and none is invented,
 * that no job has two live leases, that sessions keep their order, that stale leases are refused,
 * that what ended, expired or was cancelled is not handed out, that at most once is not twice, and
 * that counts are those of the lists. In the end everything can be worked off.
 */
public final class Simulation {

  private static final int STEPS = 150;
  private static final int DRAIN_MAX = 500;
  private static final int STEPS_PER_LOOK = 10;
  private static final int STEPS_PER_END = 30;

  private final World world;
  private final Expectations expectations;
  private final Senders senders;
  private final SimulatedConsumers consumers;
  private final SplittableRandom random;
  private final boolean holdsSessions;

  private Simulation(long seed, boolean holdsSessions) {
    this.holdsSessions = holdsSessions;
    this.world = new World(seed);
    this.random = world.random;
    this.expectations = new Expectations(world);
    this.senders = new Senders(world, expectations);
    this.consumers = new SimulatedConsumers(world, expectations);
  }

  /** Runs one simulation; a failure names its seed. */
  public static void run(long seed) {
    List<LogRecord> failures = new ArrayList<>();
    Logger logger = Logger.getLogger("dev.afterbay.engine.Engine");
    Handler listener = new Failures(failures);
    boolean inherited = logger.getUseParentHandlers();
    logger.setUseParentHandlers(false);
    logger.addHandler(listener);
    try {
      new Simulation(seed, true).run();
      if (!failures.isEmpty()) {
        throw new AssertionError(failures.getFirst().getMessage(), failures.getFirst().getThrown());
      }
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e, e);
    } finally {
      logger.removeHandler(listener);
      logger.setUseParentHandlers(inherited);
    }
  }

  /**
   * Runs simulations.
   *
   * @param args the first seed, and how many; one if that is left out
   */
  public static void main(String... args) {
    long first = Long.parseLong(args[0]);
    long count = args.length > 1 ? Long.parseLong(args[1]) : 1;
    for (long seed = first; seed < first + count; seed++) {
      run(seed);
    }
  }

  /**
   * Runs one simulation without crashes and faults, and replays all that was committed on another
   * store: then both have the same jobs. No sessions are held, as what a store does on its own when
   * a hold ends is no commit.
   */
  public static void replay(long seed) {
    Simulation simulation = new Simulation(seed, false);
    try {
      for (int step = 0; step < STEPS; step++) {
        simulation.calmStep();
        simulation.world.runLate();
      }
      Replay.check(simulation.world.store());
      simulation.world.close();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e, e);
    }
  }

  private void run() {
    for (int step = 0; step < STEPS; step++) {
      world.faults(random.nextInt(4) == 0);
      step();
      world.faults(false);
      world.runLate();
      if (step % STEPS_PER_LOOK == 0) {
        expectations.checkNothingLost();
        expectations.checkListsAndCounts();
      }
    }
    drain();
    world.close();
  }

  private void step() {
    if (random.nextInt(STEPS_PER_END) == 0) {
      processEnds();
    } else {
      calmStep();
    }
  }

  private void calmStep() {
    switch (random.nextInt(40)) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> senders.send();
      case 8, 9, 10, 11, 12, 13, 14 -> consumers.receive();
      case 15, 16, 17, 18, 19, 20, 21 -> consumers.settle();
      case 22 -> consumers.detach();
      case 23, 24 -> consumers.renew();
      case 25 -> consumers.open();
      case 26 -> accept();
      case 27 -> consumers.renewSession();
      case 28 -> consumers.close();
      case 29 -> senders.cancel();
      case 30 -> senders.redrive();
      case 31 -> senders.runNow();
      case 32 -> rarely();
      default -> timePasses();
    }
  }

  private void accept() {
    if (holdsSessions) {
      consumers.accept();
    }
  }

  private void rarely() {
    switch (random.nextInt(4)) {
      case 0 -> senders.redriveAll();
      case 1 -> senders.reschedule();
      case 2 -> senders.delete();
      default -> senders.pauseOrResume();
    }
  }

  private void timePasses() {
    switch (random.nextInt(10)) {
      case 0 -> world.advance(Duration.ofSeconds(random.nextInt(30)));
      case 1 -> {
        expectations.calendarIsSet();
        Duration jump = Duration.ofSeconds(random.nextInt(-20, 20));
        world.clock.setWall(world.clock.now().wall().plus(jump));
      }
      default -> world.advance(Duration.ofMillis(random.nextInt(2_000)));
    }
  }

  private void processEnds() {
    boolean powerLost = random.nextInt(3) > 0;
    long syncs = world.store().syncs();
    if (powerLost) {
      world.crash();
    } else {
      world.restart();
    }
    consumers.processEnded();
    expectations.processEnded(powerLost, syncs);
  }

  /** With everything resumed and enough time, all that is left can be worked off. */
  private void drain() {
    for (String queue : World.QUEUES) {
      world.engine().queue(queue).admin().orElseThrow().resume();
    }
    expectations.paused().clear();
    for (int round = 0; round < DRAIN_MAX && depth() > 0; round++) {
      world.advance(Duration.ofSeconds(2));
      consumers.receiveAndCompleteAll();
    }
    expectations.check(depth() == 0, null, depth() + " jobs cannot be worked off");
    expectations.checkNothingLost();
    expectations.checkListsAndCounts();
  }

  private long depth() {
    long depth = 0;
    for (String queue : World.QUEUES) {
      depth += world.engine().queue(queue).stats().depth();
    }
    return depth;
  }

  /** What the engine could not do in the background for another reason than a simulated fault. */
  private static final class Failures extends Handler {
    private final List<LogRecord> failures;

    Failures(List<LogRecord> failures) {
      this.failures = failures;
    }

    @Override
    public void publish(LogRecord entry) {
      boolean simulated = entry.getThrown() instanceof BrokerException;
      if (entry.getLevel().intValue() >= Level.SEVERE.intValue() && !simulated) {
        failures.add(entry);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
