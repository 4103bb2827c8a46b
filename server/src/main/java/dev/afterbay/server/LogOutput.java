package dev.afterbay.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where all lines of the log go: to standard error, or to a file, and to standard error as long as
 * the file cannot be written to.
 *
 * <p>One thread alone writes, and nobody else waits for it: standard error may be a pipe that is
 * full and never read, and a disk may hang. What there is no room for is left out, and counted.
 */
final class LogOutput {
  /** Of what waits: some thousand lines, and little for a small heap. */
  static final int WAITING_BYTES_MAX = 1 << 20;

  private static final long TOLD_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final PrintStream err;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Part> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean isWriting;
  private volatile LogFormat format;
  private @Nullable LogFile file;

  /** Lines since the last that found room. */
  private long leftOut;

  /** Lines that should be in the file and went to standard error; 0: it can be written. */
  private long strayed;

  private long toldNanos;

  /**
   * Whole lines.
   *
   * @param isLog false: what was printed to standard error, which is for no file
   */
  private record Part(byte[] lines, boolean isLog) {
    long count() {
      long count = 0;
      for (byte b : lines) {
        count += b == '\n' ? 1 : 0;
      }
      return Math.max(1, count);
    }
  }

  private LogOutput(LogFormat format, PrintStream err) {
    this.format = format;
    this.err = err;
  }

  /**
   * @param err used by nobody else from now on, or whoever does may be stuck
   */
  static LogOutput start(LogFormat format, PrintStream err) {
    LogOutput output = new LogOutput(format, err);
    Thread.ofPlatform().daemon().name("afterbay-log").start(output::run);
    return output;
  }

  /** From now on all is written so. */
  void use(LogFormat newFormat, @Nullable LogFile newFile) throws IOException {
    flush();
    lock.lock();
    try (LogFile _ = file) {
      format = newFormat;
      file = newFile;
    } finally {
      lock.unlock();
    }
  }

  LogFormat format() {
    return format;
  }

  /** Null: standard error. */
  @Nullable LogFile file() {
    lock.lock();
    try {
      return file;
    } finally {
      lock.unlock();
    }
  }

  /** Writes whole lines, soon. Never waits, and never throws what it meets. */
  void write(byte[] lines) {
    add(new Part(lines, true));
  }

  /**
   * As {@link #write}, for many lines and a thread that nobody waits for: waits for room, and
   * leaves half of it to others.
   */
  void writeAsThereIsRoom(byte[] lines) {
    lock.lock();
    try {
      while (!waiting.isEmpty() && waitingBytes + lines.length > WAITING_BYTES_MAX / 2) {
        changed.awaitUninterruptibly();
      }
      write(lines);
    } finally {
      lock.unlock();
    }
  }

  /** In place of the standard error that it took: in order with the lines of the log. */
  PrintStream standardError() {
    ByteArrayOutputStream printed =
        new ByteArrayOutputStream() {
          @Override
          public void flush() {
            if (size() > 0) {
              add(new Part(toByteArray(), false));
              reset();
            }
          }
        };
    return new PrintStream(printed, true, err.charset());
  }

  private void add(Part part) {
    lock.lock();
    try {
      // Once lines were left out, half must be free: else every other line would say how many.
      int most = leftOut == 0 ? WAITING_BYTES_MAX : WAITING_BYTES_MAX / 2;
      if (waitingBytes + part.lines.length > most) {
        leftOut += part.count();
      } else {
        sayLeftOut();
        enqueue(part);
      }
    } finally {
      lock.unlock();
    }
  }

  private void sayLeftOut() {
    if (leftOut > 0) {
      String text = "lines that are not in the log, as it could not be written in time: ";
      enqueue(new Part(own(text + leftOut), true));
      leftOut = 0;
    }
  }

  private void enqueue(Part part) {
    waiting.add(part);
    waitingBytes += part.lines.length;
    changed.signalAll();
  }

  /** Waits until all is written that was given, or for as long as an end may take. */
  void flush() {
    flush(Duration.ofSeconds(3));
  }

  void flush(Duration patience) {
    long left = patience.toNanos();
    lock.lock();
    try {
      while ((isWriting || !waiting.isEmpty()) && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      try {
        write(next());
      } catch (RuntimeException | Error e) { // The log outlives a heap that was full for a moment.
        lost();
      }
    }
  }

  private void lost() {
    lock.lock();
    try {
      leftOut++;
    } finally {
      lock.unlock();
    }
  }

  private Part next() {
    lock.lock();
    try {
      isWriting = false;
      if (waiting.isEmpty()) {
        sayLeftOut();
      }
      changed.signalAll();
      Part next = waiting.poll();
      while (next == null) {
        changed.awaitUninterruptibly();
        next = waiting.poll();
      }
      waitingBytes -= next.lines.length;
      isWriting = true;
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void write(Part part) {
    LogFile to = part.isLog ? file() : null;
    if (to == null || !isWritten(to, part)) {
      print(part.lines);
    }
  }

  private void print(byte[] lines) {
    err.write(lines, 0, lines.length);
    err.flush();
  }

  private boolean isWritten(LogFile to, Part part) {
    try {
      if (strayed > 0) {
        String back = "the log file can be written again; lines that went to standard error: ";
        to.write(own(back + strayed));
        strayed = 0;
      }
      to.write(part.lines);
      return true;
    } catch (IOException e) {
      long now = System.nanoTime();
      if (strayed == 0 || now - toldNanos > TOLD_AGAIN_NANOS) {
        toldNanos = now;
        print(own(to.path() + " cannot be written, so the log goes to standard error: " + e));
      }
      strayed += part.count();
      return false;
    }
  }

  private byte[] own(String text) {
    return format.line(
        new LogEntry(System.currentTimeMillis(), "WARN", LogOutput.class.getName(), text, null));
  }
}
