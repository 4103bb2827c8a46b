package dev.afterbay.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Makes lines of what is logged, which {@link LogOutput} writes. */
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  /** What is logged before the configuration is read is a few lines. */
  private static final int HELD_MAX = 1_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final LogOutput output;

  /** Null: what comes is written. */
  private @Nullable List<ILoggingEvent> held;

  LogAppender(LogOutput output) {
    this.output = output;
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

  /** Writes what was held, and holds no more. */
  void release() {
    lock.lock();
    try {
      List<ILoggingEvent> all = held == null ? List.of() : held;
      held = null;
      for (ILoggingEvent event : all) {
        if (isLogged(event)) {
          write(event);
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
      write(event);
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

  private void write(ILoggingEvent event) {
    output.write(output.format().line(entry(event)));
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

  LogOutput output() {
    return output;
  }
}
