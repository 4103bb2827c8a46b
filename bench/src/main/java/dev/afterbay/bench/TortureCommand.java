package dev.afterbay.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** Proves on this machine that what a server confirmed survives its sudden end. */
@Command(
    name = "torture",
    description = {
      "Kills a server again and again, under load and while it starts, and checks that no confirmed"
          + " message is lost, none is invented or altered, none comes again after it was done,"
          + " sessions stay in order, and old receipts are refused."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TortureCommand implements Callable<Integer> {

  private static final long MILLIS_PER_SECOND = 1_000;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "20",
      description = "How often it is killed; default: ${DEFAULT-VALUE}.")
  private int cycles;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "target/torture",
      description =
          "Where its folder is made, which stays if something is wrong; default:"
              + " ${DEFAULT-VALUE}.")
  private Path data = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "For the same moments and messages again; default: a new one.")
  private @Nullable Long seed;

  @Option(
      names = "--seconds-per-cycle",
      paramLabel = "N",
      defaultValue = "1",
      description = "How long it lives under load, on average; default: ${DEFAULT-VALUE}.")
  private double secondsPerCycle;

  private final List<String> serverOptions;

  TortureCommand() {
    this(List.of());
  }

  /**
   * @param serverOptions more of them, for a server that is known to forget
   */
  TortureCommand(List<String> serverOptions) {
    this.serverOptions = serverOptions;
  }

  @Override
  public Integer call() throws Exception {
    long chosen = seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed;
    Files.createDirectories(data);
    Path folder = Files.createTempDirectory(data, "afterbay-torture").toAbsolutePath();
    System.out.printf("torture --cycles %d --seed %d, in %s%n", cycles, chosen, folder);
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
      return ExitCode.OK;
    }
    System.out.println("PROMISES WERE BROKEN:");
    broken.forEach(how -> System.out.println("- " + how));
    System.out.printf("Everything is left in %s; the seed was %d%n", folder, chosen);
    return ExitCode.SOFTWARE;
  }
}
