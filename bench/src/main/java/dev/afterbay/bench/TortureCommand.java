package dev.afterbay.bench;

import dev.afterbay.server.Arguments;
import dev.afterbay.server.Command;
import dev.afterbay.server.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Proves on this machine that what a server confirmed survives its sudden end. */
final class TortureCommand {

  private static final long MILLIS_PER_SECOND = 1_000;
  private static final int CYCLES = 20;
  private static final Path DATA = Path.of("target", "torture");
  private static final double SECONDS_PER_CYCLE = 1;

  private final int cycles;
  private final Path data;
  private final @Nullable Long seed;
  private final double secondsPerCycle;
  private final List<String> serverOptions;

  private TortureCommand(Arguments given, List<String> serverOptions) throws Exception {
    cycles = given.value("cycles", CYCLES, Integer::valueOf);
    data = given.value("data", DATA, Path::of);
    seed = given.value("seed", Long::valueOf);
    secondsPerCycle = given.value("seconds-per-cycle", SECONDS_PER_CYCLE, Double::valueOf);
    this.serverOptions = serverOptions;
  }

  /**
   * @param serverOptions more of them, for a server that is known to forget
   */
  static Command command(List<String> serverOptions) {
    return new Command(
            "torture",
            """
            Kills a server again and again, under load and while it starts, and checks that no
            confirmed message is lost, none is invented or altered, none is delivered again after it was
            done, sessions stay in order, and old receipts are refused.\
            """,
            given -> new TortureCommand(given, serverOptions).run())
        .option("cycles", "N", "How often it is killed; default: " + CYCLES + ".")
        .option(
            "data",
            "DIR",
            "Where its folder is made, which stays if something is wrong; default: " + DATA + ".")
        .option("seed", "N", "For the same moments and messages again; default: a new one.")
        .option(
            "seconds-per-cycle",
            "N",
            "How long it lives under load, on average; default: " + SECONDS_PER_CYCLE + ".");
  }

  private int run() throws Exception {
    long chosen = seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed;
    Files.createDirectories(data);
    Path folder = Files.createTempDirectory(data, "afterbay-torture").toAbsolutePath();
    System.out.println("torture --cycles " + cycles + " --seed " + chosen + ", in " + folder);
    Duration perCycle = Duration.ofMillis(Math.round(secondsPerCycle * MILLIS_PER_SECOND));
    ProcessBuilder server = ServerProcess.builder(folder.resolve("data"), serverOptions);
    // Not where somebody has an afterbay.yaml of his own.
    server.directory(folder.toFile());
    Torture torture = new Torture(folder.resolve("log"), server, chosen, perCycle, System.out);
    torture.kill(cycles);
    List<String> broken = torture.finish();
    if (broken.isEmpty()) {
      Folders.delete(folder);
      System.out.println("All promises were kept.");
      return ExitCode.STOPPED;
    }
    System.out.println("PROMISES WERE BROKEN:");
    broken.forEach(how -> System.out.println("- " + how));
    System.out.println("Everything is left in " + folder + "; the seed was " + chosen);
    return ExitCode.FAILED;
  }
}
