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
    LogOutput output = LogOutput.start(json ? LogFormat.JSON : LogFormat.TEXT, System.err);
    flushAtTheEnd(output);
    LogAppender appender = new LogAppender(output);
    appender.setName(APPENDER);
    appender.setContext(context);
    appender.start();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
    level(context, Level.toLevel(System.getenv(LEVEL_VARIABLE), Level.INFO));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static void flushAtTheEnd(LogOutput output) {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(output::flush, "flush-log"));
    } catch (IllegalStateException _) {
      // What is logged for the first time as the process ends may be lost.
    }
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
      output().use(settings.format(), opened);
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
    return output().format();
  }

  /** Writes whole lines of the format, and waits for room: {@link LogOutput#writeAsThereIsRoom}. */
  static void write(byte[] lines) {
    output().writeAsThereIsRoom(lines);
  }

  /** Waits until all is written that was logged, but not without end. */
  static void flush() {
    output().flush();
  }

  /**
   * From now on what is printed to standard error is written in order with the log, and nobody who
   * prints is stuck with whoever should read it.
   */
  static void takeStandardError() {
    System.setErr(output().standardError());
  }

  /** Where the lines go; null: to standard error. */
  static @Nullable Path file() {
    LogFile file = output().file();
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

  private static LogOutput output() {
    return appender().output();
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
