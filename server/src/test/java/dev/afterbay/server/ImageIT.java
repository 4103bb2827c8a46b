package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.server.TestServer.Ended;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the profile {@code package} made, looked at and run as who gets it would: the layers of the
 * image in a folder that is the root of a process, and the archives unpacked.
 */
@Timeout(180)
final class ImageIT {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final String LAUNCHER = "/opt/afterbay/afterbay";
  private static final String USER = "65532";
  private static final long IMAGE_BYTES_MAX = 90_000_000;
  private static final long ARCHIVE_BYTES_MAX = 60_000_000;
  private static final Pattern LIBRARY = Pattern.compile(".*\\.(so[.0-9]*|jnilib|dylib|dll)");
  private static final byte[] ELF_64 = {0x7f, 'E', 'L', 'F', 2};

  /** Fails where the JVM cannot use the cache. */
  private static final String CACHED = "-XX:AOTMode=on";

  /**
   * Becomes the program of the image in the folder $1, on the data in $2: its root can be read
   * only, and the rest is the machine's.
   */
  private static final String CONTAINER =
      """
      root=$1
      mount --bind "$root" "$root"
      mount --bind "$2" "$root/data"
      for name in dev proc sys; do mount --rbind "/$name" "$root/$name"; done
      mount -o remount,bind,ro "$root"
      shift 2
      exec "$@"
      """;

  @TempDir private static Path folder;
  private static Path image;
  private static Path root;
  private static JsonNode manifest;
  private static JsonNode config;

  @TempDir private Path work;

  @BeforeAll
  static void unpack() throws Exception {
    image = Files.createDirectory(folder.resolve("image"));
    root = Files.createDirectory(folder.resolve("root"));
    run("tar", "-C", image.toString(), "-xf", TARGET.resolve("afterbay-image.tar").toString());
    manifest = json(image.resolve("manifest.json")).get(0);
    config = json(image.resolve(manifest.get("Config").asString()));
    for (String layer : texts(manifest.get("Layers"))) {
      run("tar", "-C", root.toString(), "-xpf", image.resolve(layer).toString());
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void itRunsTheServerAsAUserWhoIsNotRootOnAVolume() {
    JsonNode run = config.get("config");
    assertThat(run.get("User").asString()).isEqualTo(USER + ":" + USER);
    assertThat(texts(run.get("Entrypoint"))).containsExactly(LAUNCHER);
    assertThat(texts(run.get("Cmd"))).containsExactly("serve");
    assertThat(run.get("ExposedPorts").propertyNames()).containsExactly("8080/tcp");
    assertThat(run.get("Volumes").propertyNames()).containsExactly("/data");
    assertThat(texts(run.get("Healthcheck").get("Test")))
        .containsExactly("CMD", LAUNCHER, "health");
    assertThat(texts(run.get("Env")))
        .contains("AFTERBAY_HTTP_ADDRESS=0.0.0.0", "AFTERBAY_DATA=/data")
        .noneMatch(variable -> variable.startsWith("AFTERBAY_AUTH"));
    assertThat(run.get("Labels").propertyNames())
        .contains("org.opencontainers.image.title", "org.opencontainers.image.version")
        .allMatch(label -> label.startsWith("org.opencontainers.image."));
    assertThat(run.get("Labels").get("org.opencontainers.image.licenses").asString())
        .isEqualTo("Apache-2.0");
    assertThat(config.get("os").asString()).isEqualTo("linux");
  }

  @Test
  void readersOfBothFormsFindTheSameImage() throws Exception {
    assertThat(json(image.resolve("oci-layout")).get("imageLayoutVersion").asString())
        .isEqualTo("1.0.0");
    JsonNode entry = json(image.resolve("index.json")).get("manifests").get(0);
    JsonNode described = json(blob(entry));
    assertThat(blob(described.get("config")))
        .isEqualTo(image.resolve(manifest.get("Config").asString()));
    List<Path> layers = new ArrayList<>();
    described.get("layers").forEach(layer -> layers.add(blob(layer)));
    assertThat(layers)
        .isEqualTo(texts(manifest.get("Layers")).stream().map(image::resolve).toList());
    for (Path blob : layers) {
      assertThat(run("sha256sum", blob.toString())).startsWith(blob.getFileName().toString());
    }
    assertThat(config.get("rootfs").get("diff_ids")).hasSize(layers.size());
    String unpacked = run("sh", "-c", "gzip -dc '%s' | sha256sum".formatted(layers.getFirst()));
    assertThat(config.get("rootfs").get("diff_ids").get(0).asString())
        .isEqualTo("sha256:" + unpacked.substring(0, 64));
  }

  @Test
  void theDockerfileSaysTheSame() throws Exception {
    Map<String, String> lines = new TreeMap<>();
    String text = Files.readString(Path.of("..", "Dockerfile")).replace("\\\n", " ");
    String last = text.substring(text.lastIndexOf("\nFROM "));
    last.lines()
        .filter(line -> !line.isBlank())
        .forEach(line -> lines.put(line.split(" ", 2)[0], line.split(" ", 2)[1]));
    JsonNode run = config.get("config");
    assertThat(lines.get("FROM")).isEqualTo("scratch");
    assertThat(lines.get("USER")).isEqualTo(run.get("User").asString());
    assertThat(lines.get("WORKDIR")).isEqualTo(run.get("WorkingDir").asString());
    assertThat(Set.of(lines.get("EXPOSE"))).isEqualTo(run.get("ExposedPorts").propertyNames());
    assertThat(Set.of(lines.get("VOLUME"))).isEqualTo(run.get("Volumes").propertyNames());
    assertThat(lines.get("STOPSIGNAL")).isEqualTo(run.get("StopSignal").asString());
    assertThat(List.of(lines.get("ENV").split(" "))).isEqualTo(texts(run.get("Env")));
    JsonMapper mapper = new JsonMapper();
    assertThat(mapper.readTree(lines.get("ENTRYPOINT"))).isEqualTo(run.get("Entrypoint"));
    assertThat(mapper.readTree(lines.get("CMD"))).isEqualTo(run.get("Cmd"));
    Matcher health = Pattern.compile(".* CMD (\\[.*])").matcher(lines.get("HEALTHCHECK"));
    assertThat(health.matches()).isTrue();
    assertThat(texts(mapper.readTree(health.group(1))))
        .isEqualTo(texts(run.get("Healthcheck").get("Test")).subList(1, 3));
  }

  @Test
  void onlyLibrariesOfItsPlatformAreInside() throws Exception {
    Set<String> inJars = new TreeSet<>();
    for (Path file : files()) {
      String name = file.getFileName().toString();
      if (name.endsWith(".jar")) {
        try (ZipFile jar = new ZipFile(file.toFile())) {
          jar.stream()
              .map(entry -> entry.getName())
              .filter(entry -> LIBRARY.matcher(entry).matches())
              .forEach(entry -> inJars.add(name + "!" + entry));
        }
      } else if (LIBRARY.matcher(name).matches()) {
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes).as(file.toString()).startsWith(ELF_64);
        int machine = bytes[18];
        boolean intel = config.get("architecture").asString().equals("amd64");
        assertThat(machine).as(file.toString()).isEqualTo(intel ? 62 : 0xb7 - 256);
      }
    }
    assertThat(inJars).isEmpty();
    assertThat(root.resolve("opt/afterbay/native"))
        .isDirectoryContaining("glob:**/librocksdb*")
        .isDirectoryContaining("glob:**/libnetty_quiche*");
  }

  @Test
  void theLicencesAndTheListOfPartsAreInside() throws Exception {
    Path home = root.resolve("opt/afterbay");
    assertThat(home.resolve("LICENSE")).content().contains("Apache License");
    assertThat(home.resolve("runtime/legal/java.base")).isDirectory();
    JsonNode parts = json(home.resolve("afterbay-sbom.json"));
    assertThat(parts.get("bomFormat").asString()).isEqualTo("CycloneDX");
    List<String> names = new ArrayList<>();
    parts.get("components").forEach(part -> names.add(part.get("name").asString()));
    assertThat(names)
        .contains("rocksdbjni", "vertx-core", "afterbay-core")
        .doesNotContain("assertj-core");
    assertThat(TARGET.resolve("afterbay-sbom.json"))
        .hasSameTextualContentAs(home.resolve("afterbay-sbom.json"));
  }

  /** Where the build may not pretend to be elsewhere, the cache names its folder. */
  @Test
  void nothingTellsWhereItWasBuilt() throws Exception {
    boolean namespaces = run(0, 1, "unshare", "-rm", "true").isEmpty();
    String checkout = Path.of("..").toRealPath().toString();
    for (Path file : files()) {
      if (namespaces || !file.endsWith("afterbay.aot")) {
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(bytes.contains(checkout)).as(file.toString()).isFalse();
      }
    }
    assertThat(config.toString()).doesNotContain(checkout, System.getProperty("user.home"));
  }

  @Test
  void itIsNotHeavy() throws Exception {
    assertThat(Files.size(TARGET.resolve("afterbay-image.tar"))).isLessThan(IMAGE_BYTES_MAX);
    assertThat(Files.size(archive("tar.gz"))).isLessThan(ARCHIVE_BYTES_MAX);
    assertThat(Files.size(archive("zip"))).isLessThan(ARCHIVE_BYTES_MAX);
  }

  @Test
  void itRunsInItsOwnRootTakesAMessageAndStopsWhenAsked() throws Exception {
    Map<String, String> address = Map.of("AFTERBAY_HTTP_ADDRESS", "127.0.0.1");
    String id;
    try (TestServer server = container(address, "serve", "--port", "0").ready()) {
      assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
      HttpResponse<String> sent = server.post("/queues/q/messages", "{}");
      assertThat(sent.statusCode()).isEqualTo(201);
      id = json(sent).get("id").asString();
      assertThat(health(server.url())).isZero();
      Ended ended = server.stop();
      assertThat(ended.exitCode()).as(ended.toString()).isZero();
      assertThat(health(server.url())).isEqualTo(ExitCode.FAILED);
    }
    try (TestServer server = container(address, "serve", "--port", "0").ready()) {
      assertThat(server.get("/jobs/" + id).statusCode()).isEqualTo(200);
    }
  }

  /** As the health check of the image, which knows the port: a free one is its configuration's. */
  private int health(String url) throws Exception {
    String port = String.valueOf(URI.create(url).getPort());
    Map<String, String> where =
        Map.of("AFTERBAY_HTTP_ADDRESS", "127.0.0.1", "AFTERBAY_HTTP_PORT", port);
    List<String> check = texts(config.get("config").get("Healthcheck").get("Test"));
    assertThat(check.subList(0, 2)).containsExactly("CMD", LAUNCHER);
    try (TestServer command =
        container(where, check.subList(2, check.size()).toArray(String[]::new))) {
      return command.end().exitCode();
    }
  }

  @Test
  void onAnAddressOfAllItWaitsForAWord() throws Exception {
    try (TestServer server = container(Map.of(), "serve", "--port", "0")) {
      Ended ended = server.end();
      assertThat(ended.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(ended.err().getLast()).contains("http.address: 0.0.0.0", "auth: none");
    }
    Map<String, String> word = Map.of("AFTERBAY_AUTH", "none");
    try (TestServer server = container(word, "serve", "--port", "0").ready()) {
      assertThat(server.stop().exitCode()).isZero();
    }
  }

  @Test
  void theArchiveRunsWithoutAJdkFromAnyFolder() throws Exception {
    Path unpacked = Files.createDirectory(work.resolve("some where"));
    run("tar", "-C", unpacked.toString(), "-xpf", archive("tar.gz").toString());
    Map<String, String> environment = Map.of("PATH", "/no/such", "AFTERBAY_JAVA_OPTS", CACHED);
    try (TestServer server = unpacked(unpacked, environment).ready()) {
      assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
      assertThat(server.maps()).contains("/runtime/lib/", "/native/librocksdb");
      assertThat(server.stop().exitCode()).isZero();
    }
  }

  @Test
  void theArchiveForWhoHasAJdkLearnsAtItsFirstStart() throws Exception {
    Path unpacked = Files.createDirectory(work.resolve("else where"));
    Path home = unzip(archive("zip"), unpacked);
    assertThat(home.resolve("afterbay.cmd")).content().contains("afterbay.jar", "\r\n");
    Map<String, String> environment =
        Map.of("PATH", System.getenv("PATH"), "JAVA_HOME", System.getProperty("java.home"));
    try (TestServer server = unpacked(unpacked, environment).ready()) {
      assertThat(server.maps()).contains("/native/librocksdb", "/afterbay.aot");
      assertThat(server.stop().exitCode()).isZero();
    }
  }

  /** With the permissions that the archive has. */
  private static Path unzip(Path archive, Path to) throws IOException {
    Map<String, String> options = Map.of("enablePosixFileAttributes", "true");
    try (FileSystem zip = FileSystems.newFileSystem(archive, options);
        Stream<Path> all = Files.walk(zip.getPath("/"))) {
      for (Path each : all.skip(1).toList()) {
        Path copied = to.resolve(each.toString().substring(1));
        Files.copy(each, copied, StandardCopyOption.COPY_ATTRIBUTES);
        Files.setPosixFilePermissions(copied, Files.getPosixFilePermissions(each));
      }
    }
    try (Stream<Path> folders = Files.list(to)) {
      return folders.findFirst().orElseThrow();
    }
  }

  /** The program of an unpacked archive. */
  private TestServer unpacked(Path in, Map<String, String> environment) throws IOException {
    Path home;
    try (Stream<Path> folders = Files.list(in)) {
      home = folders.findFirst().orElseThrow();
    }
    ProcessBuilder builder =
        new ProcessBuilder(home.resolve("afterbay").toString(), "serve", "--port", "0")
            .directory(work.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return TestServer.of(builder.start());
  }

  /**
   * The image as a container would have it, as far as this user may.
   *
   * @param environment beside that of the image
   */
  private TestServer container(Map<String, String> environment, String... arguments)
      throws Exception {
    boolean asRoot = run("id", "-u").strip().equals("0");
    List<String> command = new ArrayList<>(List.of("unshare", "--mount"));
    if (!asRoot) {
      command.add("--map-root-user");
    }
    List<String> probe = new ArrayList<>(command);
    probe.add("true");
    assumeTrue(
        run(0, 1, probe.toArray(String[]::new)).isEmpty(),
        "this user may make a mount namespace (else nothing is started)");
    Path data = Files.createDirectories(work.resolve("data"));
    command.addAll(List.of("sh", "-ec", CONTAINER, "sh", root.toString(), data.toString()));
    command.addAll(List.of("env", "-i"));
    command.addAll(texts(config.get("config").get("Env")));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.add("AFTERBAY_JAVA_OPTS=" + CACHED);
    command.addAll(List.of("/usr/bin/unshare", "--root=" + root, "--wd=/etc/afterbay"));
    if (asRoot) {
      run("chown", USER + ":" + USER, data.toString());
      command.addAll(List.of("--setgid=" + USER, "--setuid=" + USER));
    }
    command.addAll(texts(config.get("config").get("Entrypoint")));
    command.addAll(List.of(arguments));
    return TestServer.of(new ProcessBuilder(command).start());
  }

  private static Path archive(String ending) throws IOException {
    try (Stream<Path> files = Files.list(TARGET)) {
      return files
          .filter(file -> file.getFileName().toString().matches("afterbay-.*\\." + ending))
          .findFirst()
          .orElseThrow();
    }
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).toList();
    }
  }

  private static Path blob(JsonNode descriptor) {
    String digest = descriptor.get("digest").asString().substring("sha256:".length());
    assertThat(HexFormat.of().parseHex(digest)).hasSize(32);
    Path blob = image.resolve("blobs/sha256").resolve(digest);
    assertThat(blob).hasSize(descriptor.get("size").asLong());
    return blob;
  }

  private static JsonNode json(Path file) throws IOException {
    return new JsonMapper().readTree(Files.readString(file));
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return new JsonMapper().readTree(answer.body());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  private static String run(String... command) throws IOException, InterruptedException {
    return run(0, 0, command);
  }

  /** What a command of the machine says, which must end with one of two codes. */
  private static String run(int code, int orCode, String... command)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command) + ": " + said).isIn(code, orCode);
    return said;
  }
}
