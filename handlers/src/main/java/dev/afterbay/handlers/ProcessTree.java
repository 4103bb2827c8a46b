package dev.afterbay.handlers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A process with all that it started, to be ended. Where there is a {@code /proc}, a process
 * belongs to it that has one of it as its parent, is in its session, or has its mark in the
 * environment: each alone has a gap. The parent is lost with that parent, a session can be left, an
 * environment be cleared. Elsewhere, only parents count.
 */
final class ProcessTree {

  private static final Path PROC = Path.of("/proc");

  /** After a kill, for the system to end what was killed, and for what was started meanwhile. */
  private static final Duration KILLING = Duration.ofSeconds(3);

  private static final long LOOK_MILLIS = 10;

  /** In {@code /proc/[pid]/stat} behind the name: state, parent, group, session. */
  private static final int STATE = 0;

  private static final int PARENT = 1;
  private static final int SESSION = 3;

  private final ProcessHandle root;
  private final boolean isSession;
  private final String mark;

  /** All that were seen: one whose parent has ended cannot be found by it any more. */
  private final Set<ProcessHandle> seen = new HashSet<>();

  /** A line of the table of processes. */
  private record Line(long pid, long parent, long session) {}

  /**
   * @param isSession the root leads a session of its own
   * @param mark a variable that is in its environment, as {@code NAME=value}
   */
  ProcessTree(ProcessHandle root, boolean isSession, String mark) {
    this.root = root;
    this.isSession = isSession;
    this.mark = mark;
    seen.add(root);
  }

  /** The program that starts another one in a session of its own, where there is one. */
  static Optional<Path> setsid() {
    return Stream.of("/usr/bin/setsid", "/bin/setsid")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Asks all to terminate, then kills those that did not. Returns when all have ended, or cannot be
   * ended. An interrupt ends the grace, and is there afterwards.
   */
  synchronized void end(Duration grace) {
    boolean interrupted = false;
    long latest = System.nanoTime() + grace.toNanos();
    Set<ProcessHandle> asked = new HashSet<>();
    Collection<ProcessHandle> living = living();
    while (!living.isEmpty() && !interrupted && System.nanoTime() < latest) {
      living.stream().filter(asked::add).forEach(ProcessHandle::destroy);
      do {
        interrupted = pause();
      } while (!interrupted && System.nanoTime() < latest && isAnyRunning(living));
      living = living();
    }
    latest = System.nanoTime() + KILLING.toNanos();
    while (!living.isEmpty() && System.nanoTime() < latest) {
      living.forEach(ProcessHandle::destroyForcibly);
      interrupted |= pause();
      living = living();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isAnyRunning(Collection<ProcessHandle> processes) {
    return processes.stream()
        .anyMatch(
            hasProc()
                ? each -> line(PROC.resolve(Long.toString(each.pid()))).isPresent()
                : ProcessHandle::isAlive);
  }

  /** Whether it was interrupted. */
  private static boolean pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
      return false;
    } catch (InterruptedException _) {
      return true;
    }
  }

  private Collection<ProcessHandle> living() {
    if (!hasProc()) {
      List.copyOf(seen).forEach(each -> each.descendants().forEach(seen::add));
      return seen.stream().filter(ProcessHandle::isAlive).toList();
    }
    List<Line> table = table();
    Set<Long> found = new HashSet<>();
    for (Line line : table) {
      if ((isSession && line.session == root.pid()) || isSeen(line) || isMarked(line)) {
        found.add(line.pid);
      }
    }
    boolean more = true;
    while (more) {
      more = false;
      for (Line line : table) {
        more |= found.contains(line.parent) && found.add(line.pid);
      }
    }
    found.remove(ProcessHandle.current().pid());
    List<ProcessHandle> living = new ArrayList<>();
    found.forEach(pid -> ProcessHandle.of(pid).ifPresent(living::add));
    seen.addAll(living);
    return living;
  }

  private static boolean hasProc() {
    return Files.exists(PROC.resolve("self/stat"));
  }

  /** And not another one that has its number by now, for a handle knows when it was started. */
  private boolean isSeen(Line line) {
    return seen.stream().anyMatch(each -> each.pid() == line.pid)
        && ProcessHandle.of(line.pid).filter(seen::contains).isPresent();
  }

  private boolean isMarked(Line line) {
    try {
      byte[] environment =
          Files.readAllBytes(PROC.resolve(Long.toString(line.pid)).resolve("environ"));
      String variables = "\0" + new String(environment, StandardCharsets.ISO_8859_1);
      return variables.contains("\0" + mark + "\0");
    } catch (IOException _) {
      return false; // It has ended, or is another user's.
    }
  }

  /** All processes but those that have ended and wait for their parent to take note. */
  private static List<Line> table() {
    List<Line> table = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        line(process).ifPresent(table::add);
      }
    } catch (IOException | DirectoryIteratorException _) {
      // What was read counts.
    }
    return table;
  }

  private static Optional<Line> line(Path process) {
    try {
      String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", SESSION + 2);
      if (fields[STATE].equals("Z") || fields[STATE].equals("X")) {
        return Optional.empty();
      }
      return Optional.of(
          new Line(
              Long.parseLong(process.getFileName().toString()),
              Long.parseLong(fields[PARENT]),
              Long.parseLong(fields[SESSION])));
    } catch (IOException _) {
      return Optional.empty(); // It ended meanwhile.
    }
  }
}
