package dev.afterbay.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Configures the log: standard error, one line an event, until a configuration says otherwise
 * ({@link LogSettings}).
 *
 * <p>In code and found through ServiceLoader, because reading logback.xml and its pattern costs as
 * much of a start as opening the store.
 */
public final class LogLines extends ContextAwareBase implements Configurator {
  /** Heeded before a configuration is read, and by commands that read none. */
  private static final String LEVEL_VARIABLE = "AFTERBAY_LOG_LEVEL";

  private static final String FORMAT_VARIABLE = "AFTERBAY_LOG_FORMAT";
  private static final String APPENDER = "lines";

  /** Below this only what goes wrong in libraries is worth a line. */
  private static final List<String> LIBRARIES = List.of("io.netty", "io.vertx", "io.micrometer");

  /** Writes an error for each connection that is reset or breaks HTTP/2: strangers can do that. */
  private static final String CONNECTIONS = "io.vertx.core.net.impl.ConnectionBase";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    boolean json = "json".equals(System.getenv(FORMAT_VARIABLE));
    LogAppender appender = new LogAppender(json ? LogFormat.JSON : LogFormat.TEXT);
    appender.setName(APPENDER);
    appender.setContext(context);
    appender.start();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
    level(context, Level.toLevel(System.getenv(LEVEL_VARIABLE), Level.INFO));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static void level(LoggerContext context, Level level) {
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level);
    Level ofLibraries = level == Level.INFO ? Level.WARN : null;
    LIBRARIES.forEach(name -> context.getLogger(name).setLevel(ofLibraries));
    context.getLogger(CONNECTIONS).setLevel(level.isGreaterOrEqual(Level.INFO) ? Level.OFF : null);
  }

  /** Keeps the lines of a command that reads a configuration, until it has: {@link #release}. */
  static void hold() {
    appender().hold();
  }

  /**
   * Writes as the configuration says.
   *
   * @throws ConfigException if the file cannot be written
   */
  static void use(LogSettings settings) {
    Path file = settings.file();
    try {
      LogFile opened =
          file == null ? null : LogFile.open(file, settings.fileBytes(), settings.files());
      appender().use(settings.format(), opened);
    } catch (IOException e) {
      throw new ConfigException(
          "log.file",
          String.valueOf(file),
          "must be a file that can be written, in a folder that is there (" + e + ")");
    }
    level(context(), Level.toLevel(settings.level().name()));
  }

  /** Writes what was held. */
  static void release() {
    appender().release();
  }

  static LogFormat format() {
    return appender().format();
  }

  /** Writes whole lines of the format. */
  static void write(byte[] lines) {
    appender().write(lines);
  }

  /** Where the lines go; null: to standard error. */
  static @Nullable Path file() {
    LogFile file = appender().file();
    return file == null ? null : file.path();
  }

  /** For a command whose output people read, unless a level was asked for. */
  static void onlyErrors() {
    if (System.getenv(LEVEL_VARIABLE) == null) {
      logger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.ERROR);
    }
  }

  static Logger logger(String name) {
    return context().getLogger(name);
  }

  private static LogAppender appender() {
    Logger root = logger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    if (root.getAppender(APPENDER) instanceof LogAppender appender) {
      return appender;
    }
    throw new IllegalStateException("the log was configured by somebody else");
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }
}
