package dev.afterbay.server;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Leads what all modules and the JDK log, by {@link System.Logger}, to the log of the process.
 * Nobody else but {@link LogLines} knows the library that writes it. Found through ServiceLoader.
 */
public final class SystemLogging extends System.LoggerFinder {
  @Override
  public System.Logger getLogger(String name, Module module) {
    return new Forwarder(LoggerFactory.getLogger(name));
  }

  private record Forwarder(org.slf4j.Logger to) implements System.Logger {
    @Override
    public String getName() {
      return to.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
      return switch (level) {
        case ALL, TRACE -> to.isTraceEnabled();
        case DEBUG -> to.isDebugEnabled();
        case INFO -> to.isInfoEnabled();
        case WARNING -> to.isWarnEnabled();
        case ERROR -> to.isErrorEnabled();
        case OFF -> false;
      };
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      if (isLoggable(level)) {
        to.atLevel(of(level)).setCause(thrown).log(() -> String.valueOf(message));
      }
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object @Nullable ... values) {
      if (isLoggable(level)) {
        Supplier<String> text =
            () ->
                values == null || values.length == 0
                    ? String.valueOf(format)
                    : new MessageFormat(String.valueOf(format), Locale.ROOT).format(values);
        to.atLevel(of(level)).log(text);
      }
    }

    private static org.slf4j.event.Level of(Level level) {
      return switch (level) {
        case ALL, TRACE -> org.slf4j.event.Level.TRACE;
        case DEBUG -> org.slf4j.event.Level.DEBUG;
        case INFO -> org.slf4j.event.Level.INFO;
        case WARNING -> org.slf4j.event.Level.WARN;
        case ERROR, OFF -> org.slf4j.event.Level.ERROR;
      };
    }
  }
}
