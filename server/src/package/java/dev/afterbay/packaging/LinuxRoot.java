package dev.afterbay.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The root of a file system in which the program runs alone: the program, the shared libraries that
 * it and its runtime need, and the shell that its launcher needs, all from this machine.
 *
 * @param path of the root
 */
record LinuxRoot(Path path) {
  static final String HOME = "opt/afterbay";
  static final String DATA = "data";
  static final String TEMPORARY = "tmp";
  static final int USER = 65532;

  private static final Path SHELL = Path.of("/bin/sh");

  /** The C library loads them by itself, to find hosts and users. */
  private static final List<String> LOADED_BY_NAME =
      List.of("libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2");

  /** {@code name => path (address)}, or the loader's path alone. */
  private static final Pattern LIBRARY =
      Pattern.compile("\\s*(?:(\\S+) => )?(not found|/\\S+)(?: \\(0x[0-9a-f]+\\))?");

  /** Where Debian and what comes from it say under which terms those libraries are. */
  private static final Path TERMS = Path.of("/usr/share/doc");

  private static final List<String> PACKAGES =
      List.of("libc6", "dash", "libgcc-s1", "libstdc++6", "zlib1g");

  static LinuxRoot of(ProgramFolder program, Path path) throws IOException, InterruptedException {
    LinuxRoot root = new LinuxRoot(path);
    Path home = Files.createDirectories(path.resolve(HOME));
    try (Stream<Path> all = Files.list(program.path())) {
      for (Path each : all.toList()) {
        if (!Set.of("docs", "README.md").contains(each.getFileName().toString())) {
          Tool.copy(each, home);
        }
      }
    }
    root.put(SHELL);
    for (Path library : root.libraries(home)) {
      root.put(library);
    }
    root.writeNames();
    root.copyTerms();
    for (String folder : List.of(DATA, TEMPORARY, "etc/afterbay", "proc", "sys", "dev")) {
      Files.createDirectories(path.resolve(folder));
    }
    return root;
  }

  /** All but those with an owner or mode of their own. */
  List<String> systemFolders() throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      return all.map(folder -> folder.getFileName().toString())
          .filter(name -> !name.equals(DATA) && !name.equals(TEMPORARY))
          .sorted()
          .toList();
    }
  }

  /** Copies a file of this machine to where it is here, as the file that it is and no link. */
  private void put(Path file) throws IOException {
    Path to = path.resolve(file.toString().substring(1));
    Files.createDirectories(to.getParent());
    Files.copy(file.toRealPath(), to);
  }

  private Set<Path> libraries(Path home) throws IOException, InterruptedException {
    List<Path> programs = new ArrayList<>(List.of(SHELL));
    try (Stream<Path> all = Files.walk(home)) {
      all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .filter(LinuxRoot::isElf)
          .forEach(programs::add);
    }
    Set<String> own = new TreeSet<>();
    programs.forEach(file -> own.add(file.getFileName().toString()));
    Set<Path> found = new TreeSet<>();
    for (Path program : programs) {
      for (String line : Tool.run("ldd", program).lines().toList()) {
        Matcher matcher = LIBRARY.matcher(line);
        if (!matcher.matches() || own.contains(String.valueOf(matcher.group(1)))) {
          continue;
        }
        if (matcher.group(2).equals("not found")) {
          throw new IOException(program + " needs " + matcher.group(1) + ", which is not here");
        }
        found.add(Path.of(matcher.group(2)));
      }
    }
    addThoseLoadedByName(found);
    return found;
  }

  private static void addThoseLoadedByName(Set<Path> found) throws IOException {
    Path folder =
        found.stream()
            .filter(library -> library.endsWith("libc.so.6"))
            .findFirst()
            .orElseThrow(() -> new IOException("the C library of this machine is not glibc"))
            .getParent();
    LOADED_BY_NAME.stream().map(folder::resolve).filter(Files::exists).forEach(found::add);
  }

  private static boolean isElf(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".so") || name.equals("jspawnhelper") || file.getParent().endsWith("bin");
  }

  private void writeNames() throws IOException {
    Path etc = Files.createDirectories(path.resolve("etc"));
    Files.writeString(
        etc.resolve("passwd"),
        """
        root:x:0:0:root:/:/bin/sh
        afterbay:x:%1$d:%1$d:Afterbay:/%2$s:/bin/sh
        """
            .formatted(USER, DATA));
    Files.writeString(
        etc.resolve("group"),
        """
        root:x:0:
        afterbay:x:%d:
        """
            .formatted(USER));
    Files.writeString(etc.resolve("nsswitch.conf"), "passwd: files\nhosts: files dns\n");
  }

  private void copyTerms() throws IOException {
    for (String name : PACKAGES) {
      Path terms = TERMS.resolve(name).resolve("copyright");
      if (Files.exists(terms)) {
        put(terms);
      }
    }
  }
}
