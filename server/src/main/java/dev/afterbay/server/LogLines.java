package dev.afterbay.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.afterbay.PlainText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/**
 * Configures the log: standard error, one line an event, the level by AFTERBAY_LOG_LEVEL.
 *
 * <p>In code and found through ServiceLoader, because reading logback.xml and its pattern costs as
 * much of a start as opening the store.
 */
public final class LogLines extends ContextAwareBase implements Configurator {
  static final String LEVEL_VARIABLE = "AFTERBAY_LOG_LEVEL";
  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

  /** Below this only what goes wrong in libraries is worth a line. */
  private static final List<String> LIBRARIES = List.of("io.netty", "io.vertx", "io.micrometer");

  /** Writes an error for each connection that is reset or breaks HTTP/2: strangers can do that. */
  private static final String CONNECTIONS = "io.vertx.core.net.impl.ConnectionBase";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    OneLine layout = new OneLine();
    layout.setContext(context);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setLayout(layout);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level level = Level.toLevel(System.getenv(LEVEL_VARIABLE), Level.INFO);
    root.setLevel(level);
    root.addAppender(appender);
    if (level.isGreaterOrEqual(Level.INFO)) {
      context.getLogger(CONNECTIONS).setLevel(Level.OFF);
    }
    if (level == Level.INFO) {
      LIBRARIES.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /**
   * @throws ConfigException if this is no level
   */
  static void checkLevel(String level) {
    if (!level.isEmpty() && !LEVELS.contains(level.toLowerCase(Locale.ROOT))) {
      throw new ConfigException(LEVEL_VARIABLE, level, "must be one of " + LEVELS);
    }
  }

  /** For a command whose output people read, unless a level was asked for. */
  static void onlyErrors() {
    if (System.getenv(LEVEL_VARIABLE) == null) {
      LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
      context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.ERROR);
    }
  }

  private static final class OneLine extends LayoutBase<ILoggingEvent> {
    @Override
    public String doLayout(ILoggingEvent event) {
      StringBuilder line = new StringBuilder(160);
      line.append(Instant.ofEpochMilli(event.getTimeStamp()).truncatedTo(ChronoUnit.MILLIS));
      line.append(' ').append(event.getLevel()).append(' ');
      String logger = event.getLoggerName();
      line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
      line.append(event.getFormattedMessage());
      IThrowableProxy thrown = event.getThrowableProxy();
      if (thrown != null) {
        line.append(": ").append(ThrowableProxyUtil.asString(thrown));
      }
      return oneLine(line.toString()) + System.lineSeparator();
    }
  }

  /** With nothing in it that a terminal would obey: much of what is logged was sent by others. */
  static String oneLine(String text) {
    String line = text.strip().replaceAll("\\s*\\R\\s*", " | ");
    return PlainText.line(line, Integer.MAX_VALUE);
  }
}
