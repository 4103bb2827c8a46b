package dev.afterbay.server;

import dev.afterbay.http.ListenerTls;
import dev.afterbay.http.TlsSettings;
import dev.afterbay.rocksdb.Backup;
import dev.afterbay.rocksdb.BackupFile;
import dev.afterbay.rocksdb.Restoration;
import dev.afterbay.rocksdb.StoreException;
import dev.afterbay.server.Config.Listen;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.commons.cli.ParseException;
import org.jspecify.annotations.Nullable;

/** Copies a store into a file, and makes a store of that again. */
final class BackupCommands {

  /** Instead of a file: standard output. */
  private static final String STANDARD_OUTPUT = "-";

  private static final double MIB = 1 << 20;

  private BackupCommands() {}

  static Command backup() {
    return new Command(
            "backup",
            "Copies all that a running server or a closed store holds into a file.",
            BackupCommands::backup)
        .required("to", "FILE", "The new file; -: standard output.")
        .option("url", "URL", "The running server; default: where the configuration has it.")
        .option("config", "FILE", "Its configuration; default: ./afterbay.yaml, if it is there.")
        .option("data", "DIR", "Instead: folder of a store that no server uses.")
        .flag("replace", "A file of that name gives way once the new one is whole.");
  }

  static Command restore() {
    return new Command(
            "restore",
            "Makes a store of a backup, in a new folder, and looks through it.",
            BackupCommands::restore)
        .required("from", "FILE", "The backup.")
        .option("data", "DIR", "The new folder.")
        .option("to", "DIR", "The same, as `repair` has it.");
  }

  private static int backup(Arguments given) throws Exception {
    String to = given.required("to", name -> name);
    Path data = given.value("data", Path::of);
    String url = given.value("url");
    Path config = given.value("config", Path::of);
    if (data != null && (url != null || config != null)) {
      throw new ParseException("--data is of a store that no server uses: without --url, --config");
    }
    if (data != null) {
      return closed(data, to, given.has("replace"));
    }
    ServerBackup server = url == null ? configured(config) : new ServerBackup(address(url), null);
    try {
      return write(to, given.has("replace"), server::write);
    } catch (StoreException.BadBackup e) {
      System.err.println("afterbay: " + e.getMessage());
      return ExitCode.FAILED; // The server's store may be sound.
    }
  }

  private static int closed(Path data, String to, boolean replace) throws IOException {
    try {
      return write(to, replace, out -> Backup.of(data, out));
    } catch (StoreException.InUse _) {
      System.err.println(
          "afterbay: "
              + data
              + " is used by another process: if that is a server, back it up with --url instead"
              + " of --data");
      return ExitCode.DIRECTORY_IN_USE;
    }
  }

  private static int write(String to, boolean replace, BackupFile.Source source)
      throws IOException {
    if (to.equals(STANDARD_OUTPUT)) {
      // Not System.out, which swallows errors.
      try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
        source.write(out);
      }
      return ExitCode.STOPPED;
    }
    Backup.Made made = BackupFile.make(Path.of(to), replace, source);
    System.out.printf(
        Locale.ROOT,
        "backed up into %s: all up to commit %d, %.1f MiB%n",
        to,
        made.commit(),
        made.bytes() / MIB);
    return ExitCode.STOPPED;
  }

  private static URI address(String url) throws ParseException {
    try {
      return ServerBackup.address(url);
    } catch (IllegalArgumentException e) {
      throw new ParseException("Invalid --url: " + url + ": " + e.getMessage());
    }
  }

  /** Where operators reach the server that has this configuration. */
  private static ServerBackup configured(@Nullable Path file) throws ParseException {
    Config config = ConfigReader.read(file, new Overrides(System.getenv(), Map.of()));
    Listen admin = config.admin();
    Listen listen = admin == null ? config.http() : admin;
    if (listen.port() == 0) {
      throw new ParseException("The configuration says port 0: name the server by --url");
    }
    TlsSettings tls = listen.tls();
    SSLContext own = tls == null ? null : ListenerTls.toOneself(tls);
    return new ServerBackup(ServerBackup.address(listen), own);
  }

  /**
   * @return the exit code; {@link ExitCode#STORE_DAMAGED} if the store was already damaged when it
   *     was backed up
   */
  private static int restore(Arguments given) throws ParseException {
    Path from = given.required("from", Path::of);
    Path data = given.value("data", Path::of);
    Path to = given.value("to", Path::of);
    Path folder = data == null ? to : data;
    if (folder == null || (data != null && to != null)) {
      throw new ParseException("One folder is to be named, by --data");
    }
    Restoration.Restored restored = Restoration.restore(from, folder);
    StoreCommands.print(restored.report(), System.out);
    System.out.println("restored into " + folder + ": all up to commit " + restored.commit());
    if (restored.report().isSound()) {
      System.out.println("sound: serve with --data " + folder);
      return ExitCode.STOPPED;
    }
    System.out.println(
        "damaged, as it was when it was backed up: save what is there with `afterbay repair --data "
            + folder
            + " --to NEWDIR`");
    return ExitCode.STORE_DAMAGED;
  }
}
