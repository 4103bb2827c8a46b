package dev.afterbay.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where all lines of the log go: to standard error, or to a file, and to standard error as long as
 * the file cannot be written to.
 */
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  /** What is logged before the configuration is read is a few lines. */
  private static final int HELD_MAX = 1_000;

  private static final long TOLD_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final ReentrantLock lock = new ReentrantLock();
  private volatile LogFormat format;
  private @Nullable LogFile file;

  /** Null: what comes is written. */
  private @Nullable List<ILoggingEvent> held;

  /** Lines that should be in the file and went to standard error; 0: it can be written. */
  private long strayed;

  private long toldNanos;

  LogAppender(LogFormat format) {
    this.format = format;
  }

  /** Keeps what comes until {@link #release}, which may write it in another format. */
  void hold() {
    lock.lock();
    try {
      held = new ArrayList<>();
    } finally {
      lock.unlock();
    }
  }

  /** From now on all is written so; what is held is, when it is released. */
  void use(LogFormat newFormat, @Nullable LogFile newFile) throws IOException {
    lock.lock();
    try (LogFile _ = file) {
      format = newFormat;
      file = newFile;
      strayed = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Writes what was held, and holds no more. */
  void release() {
    lock.lock();
    try {
      List<ILoggingEvent> all = held == null ? List.of() : held;
      held = null;
      for (ILoggingEvent event : all) {
        if (isLogged(event)) {
          write(format.line(entry(event)));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Its level may have been changed since. */
  private static boolean isLogged(ILoggingEvent event) {
    return LogLines.logger(event.getLoggerName()).isEnabledFor(event.getLevel());
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (!isHeld(event)) {
      write(format.line(entry(event)));
    }
  }

  private boolean isHeld(ILoggingEvent event) {
    lock.lock();
    try {
      if (held == null || held.size() >= HELD_MAX) {
        return false;
      }
      event.prepareForDeferredProcessing();
      held.add(event);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static LogEntry entry(ILoggingEvent event) {
    IThrowableProxy thrown = event.getThrowableProxy();
    return new LogEntry(
        event.getTimeStamp(),
        event.getLevel().toString(),
        event.getLoggerName(),
        String.valueOf(event.getFormattedMessage()),
        thrown == null
            ? null
            : new LogEntry.Thrown(
                thrown.getClassName(),
                String.valueOf(thrown.getMessage()),
                ThrowableProxyUtil.asString(thrown)));
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

  /** Writes whole lines. */
  void write(byte[] lines) {
    lock.lock();
    try {
      if (file == null || !isWritten(file, lines)) {
        System.err.write(lines, 0, lines.length);
        System.err.flush();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isWritten(LogFile to, byte[] lines) {
    try {
      if (strayed > 0) {
        String back = "the log file can be written again; lines that went to standard error: ";
        to.write(own(back + strayed));
        strayed = 0;
      }
      to.write(lines);
      return true;
    } catch (IOException e) {
      long now = System.nanoTime();
      if (strayed == 0 || now - toldNanos > TOLD_AGAIN_NANOS) {
        toldNanos = now;
        String why = to.path() + " cannot be written, so the log goes to standard error: " + e;
        byte[] told = own(why);
        System.err.write(told, 0, told.length);
      }
      strayed += count(lines);
      return false;
    }
  }

  private static long count(byte[] lines) {
    long count = 0;
    for (byte b : lines) {
      count += b == '\n' ? 1 : 0;
    }
    return count;
  }

  private byte[] own(String text) {
    return format.line(
        new LogEntry(System.currentTimeMillis(), "WARN", LogAppender.class.getName(), text, null));
  }
}
