package dev.afterbay.server;

import dev.afterbay.server.Config.Listen;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.ParseException;
import org.jspecify.annotations.Nullable;

/**
 * The program. Standard output is for what a command was asked for, everything else goes to
 * standard error.
 */
public final class Main {
  private final StopSignal stop;

  private Main(StopSignal stop) {
    this.stop = stop;
  }

  public static void main(String[] arguments) {
    // Before the log, whose libraries are files, too: so this class has no logger of its own, and
    // does not exit in the usual way, for which the JDK makes one.
    if (OpenFileLimit.isTooLow()) {
      Runtime.getRuntime().halt(ExitCode.CONFIGURATION);
    }
    LogLines.takeStandardError();
    StopSignal stop = new StopSignal();
    if (arguments.length > 0 && arguments[0].equals("serve")) {
      stop.install();
    }
    stop.exit(new Main(stop).run(List.of(arguments)));
  }

  private int run(List<String> arguments) {
    try {
      return group().run("afterbay", arguments);
    } catch (Throwable e) { // Also an Error must end the process, and say why.
      return StartFailure.explain(e);
    }
  }

  private CommandGroup group() {
    return new CommandGroup(
        "afterbay",
        "Afterbay, a durable queue and job engine.",
        List.of(
            serve(),
            new Command(
                "demo",
                "Shows in a few seconds what Afterbay does, with nothing to set up.",
                _ -> Demo.run(System.out)),
            HealthCommand.command(),
            SnsCommand.group(),
            StoreCommands.verify(),
            StoreCommands.repair(),
            BackupCommands.backup(),
            BackupCommands.restore(),
            new ExternalCommand("bench", "Measures throughput and latency."),
            new ExternalCommand(
                "torture", "Kills servers at random moments and checks that nothing is lost.")));
  }

  private Command serve() {
    return listening(new Command("serve", "Runs the server until SIGTERM or SIGINT.", this::serve))
        .option("data", "DIR", "Folder of the store; default: " + Config.DATA + ".");
  }

  /** With the options that say where a server listens. */
  static Command listening(Command command) {
    return command
        .option("config", "FILE", "Its configuration; default: ./afterbay.yaml, if it is there.")
        .option("address", "ADDRESS", "Where to listen; default: " + Listen.HOST + ".")
        .option("port", "PORT", "0: any free one; default: " + Listen.PORT + ".")
        .option("set", "NAME=VALUE", "Any other single value; may be given several times.");
  }

  private int serve(Arguments given) throws Exception {
    Path config = given.value("config", Path::of);
    return serve(configuration(config, overrides(given)));
  }

  /** What the command line and the environment say. */
  static Overrides overrides(Arguments given) throws ParseException {
    Map<String, List<Overrides.Given>> options = new HashMap<>();
    for (String value : given.values("set")) {
      set(options, value);
    }
    put(options, "data", "--data", given.value("data"));
    put(options, "http.address", "--address", given.value("address"));
    put(options, "http.port", "--port", given.value("port"));
    return new Overrides(System.getenv(), options);
  }

  /** What is logged as it is read is written as it says. */
  private static Config configuration(@Nullable Path file, Overrides overrides) {
    LogLines.hold();
    try {
      Config config = ConfigReader.read(file, overrides);
      LogLines.use(config.log());
      return config;
    } finally {
      LogLines.release();
    }
  }

  private int serve(Config config) throws Exception {
    Server server;
    try {
      server = Server.start(config);
    } catch (RuntimeException e) {
      if (stop.isAsked()) {
        System.getLogger(Main.class.getName())
            .log(Level.INFO, "stopped during the start, which then failed", e);
        return ExitCode.STOPPED;
      }
      throw e;
    }
    try (server) {
      if (!stop.isAsked()) {
        System.out.println(server.readyLine());
      }
      stop.await();
    }
    return ExitCode.STOPPED;
  }

  private static void set(Map<String, List<Overrides.Given>> options, String value) {
    int equals = value.indexOf('=');
    if (equals < 1) {
      throw new ConfigException("--set", value, "must be name=value, such as http.port=0");
    }
    put(options, value.substring(0, equals), "--set", value.substring(equals + 1));
  }

  private static void put(
      Map<String, List<Overrides.Given>> options,
      String name,
      String source,
      @Nullable String value) {
    if (value != null) {
      options.computeIfAbsent(name, _ -> new ArrayList<>()).add(new Overrides.Given(source, value));
    }
  }

  /** Of this program, as the jar's manifest has it. */
  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "not packaged" : version;
  }
}
