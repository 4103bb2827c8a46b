package dev.afterbay.server;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The program. Standard output is for what a command was asked for, everything else goes to
 * standard error.
 */
@Command(
    name = "afterbay",
    header = "Afterbay, a durable queue and job engine.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = SnsCommand.class,
    footer = {
      "  bench    Measures throughput and latency.",
      "  torture  Kills servers at random moments and checks that nothing is lost."
    })
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private final StopSignal stop;

  private Main(StopSignal stop) {
    this.stop = stop;
  }

  public static void main(String[] arguments) {
    StopSignal stop = new StopSignal();
    if (arguments.length > 0 && arguments[0].equals("serve")) {
      stop.install();
    }
    stop.exit(run(stop, arguments));
  }

  private static int run(StopSignal stop, String[] arguments) {
    if (arguments.length > 0 && Elsewhere.COMMANDS.contains(arguments[0])) {
      return Elsewhere.run(arguments);
    }
    CommandLine line =
        new CommandLine(new Main(stop))
            .setParameterExceptionHandler((e, _) -> misused(e))
            .setExecutionExceptionHandler((e, _, _) -> Failure.explain(e));
    return arguments.length == 0 ? misused(line, "no command") : line.execute(arguments);
  }

  @Command(
      description = "Runs the server until SIGTERM or SIGINT.",
      mixinStandardHelpOptions = true)
  int serve(
      @Option(names = "--config", paramLabel = "FILE", description = "Default: ./afterbay.yaml.")
          @Nullable Path config,
      @Option(names = "--data", paramLabel = "DIR", description = "Folder of the store.")
          @Nullable String data,
      @Option(names = "--address", description = "Where to listen; default: 127.0.0.1.")
          @Nullable String address,
      @Option(names = "--port", description = "0: any free one; default: 8080.")
          @Nullable String port,
      @Option(names = "--set", paramLabel = "NAME=VALUE", description = "Any other single value.")
          @Nullable List<String> values)
      throws Exception {
    Map<String, String> environment = System.getenv();
    LogLines.checkLevel(environment.getOrDefault(LogLines.LEVEL_VARIABLE, ""));
    Map<String, Overrides.Given> options = new HashMap<>();
    for (String value : values == null ? List.<String>of() : values) {
      set(options, value);
    }
    put(options, "data", "--data", data);
    put(options, "http.address", "--address", address);
    put(options, "http.port", "--port", port);
    Config read = ConfigReader.read(config, new Overrides(environment, options));
    return serve(read);
  }

  private int serve(Config config) throws Exception {
    Server server;
    try {
      server = Server.start(config);
    } catch (RuntimeException e) {
      if (stop.isAsked()) {
        LOG.info("stopped during the start, which then failed", e);
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

  @Command(
      description = "Shows in a few seconds what Afterbay does, with nothing to set up.",
      mixinStandardHelpOptions = true)
  int demo() throws Exception {
    return Demo.run(System.out);
  }

  @Command(
      description = "Reads a store that nobody uses, and says what is damaged.",
      mixinStandardHelpOptions = true)
  int verify(@Option(names = "--data", paramLabel = "DIR", required = true) Path data) {
    return StoreCommands.verify(data, System.out);
  }

  @Command(
      description = "Saves what is readable of a damaged store into a new folder.",
      mixinStandardHelpOptions = true)
  int repair(
      @Option(names = "--data", paramLabel = "DIR", required = true) Path data,
      @Option(names = "--to", paramLabel = "DIR", required = true) Path to) {
    return StoreCommands.repair(data, to, System.out);
  }

  private static void set(Map<String, Overrides.Given> options, String value) {
    int equals = value.indexOf('=');
    if (equals < 1) {
      throw new ConfigException("--set", value, "must be name=value, such as http.port=0");
    }
    put(options, value.substring(0, equals), "--set", value.substring(equals + 1));
  }

  private static void put(
      Map<String, Overrides.Given> options, String name, String source, @Nullable String value) {
    if (value != null) {
      options.put(name, new Overrides.Given(source, value));
    }
  }

  private static int misused(ParameterException e) {
    return misused(e.getCommandLine(), String.valueOf(e.getMessage()));
  }

  private static int misused(CommandLine line, String message) {
    System.err.println(
        "afterbay: "
            + message.replaceAll("\\R", " ")
            + "; see "
            + line.getCommandSpec().qualifiedName()
            + " --help");
    return ExitCode.CONFIGURATION;
  }

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"afterbay " + number()};
    }

    /** As the jar's manifest has it. */
    static String number() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "not packaged" : version;
    }
  }
}
