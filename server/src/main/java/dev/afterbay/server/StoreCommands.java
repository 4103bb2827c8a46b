package dev.afterbay.server;

import dev.afterbay.QueueStats;
import dev.afterbay.rocksdb.Repair;
import dev.afterbay.rocksdb.Report;
import dev.afterbay.rocksdb.Verification;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Looks after a store that no server uses. */
final class StoreCommands {
  private StoreCommands() {}

  static Command verify() {
    return new Command(
            "verify",
            "Reads a store that nobody uses, and says what is damaged.",
            given -> verify(given.required("data", Path::of), System.out))
        .required("data", "DIR", "Folder of the store.");
  }

  static Command repair() {
    return new Command(
            "repair",
            "Saves what is readable of a damaged store into a new folder.",
            given ->
                repair(
                    given.required("data", Path::of), given.required("to", Path::of), System.out))
        .required("data", "DIR", "Folder of the damaged store, in which nothing changes.")
        .required("to", "DIR", "The new folder.");
  }

  /**
   * @return the exit code; {@link ExitCode#STORE_DAMAGED} if it is
   */
  private static int verify(Path data, PrintStream out) {
    Report report = Verification.verify(data);
    print(report, out);
    if (report.isSound()) {
      out.println("sound: every checksum and every index is right");
      return ExitCode.STOPPED;
    }
    out.println("damaged: save what is there with `afterbay repair --data DIR --to NEWDIR`");
    return ExitCode.STORE_DAMAGED;
  }

  /**
   * @return the exit code; 0 also if something could not be saved, which is printed
   */
  private static int repair(Path data, Path to, PrintStream out) {
    Report report = Repair.repair(data, to);
    print(report, out);
    out.println("saved into " + to + ": look at what is listed, then serve with --data " + to);
    return ExitCode.STOPPED;
  }

  static void print(Report report, PrintStream out) {
    for (Map.Entry<String, QueueStats> queue : report.queues().entrySet()) {
      QueueStats stats = queue.getValue();
      out.printf(
          Locale.ROOT,
          "queue %s: %d pending, %d scheduled, %d waiting, %d processing, %d done, %d failed,"
              + " %d cancelled%n",
          queue.getKey(),
          stats.pending(),
          stats.scheduled(),
          stats.waiting(),
          stats.processing(),
          stats.done(),
          stats.failed(),
          stats.cancelled());
    }
    report.damage().forEach(damage -> out.println("damage: " + damage));
    report.faults().forEach(fault -> out.println("fault: " + fault));
  }
}
