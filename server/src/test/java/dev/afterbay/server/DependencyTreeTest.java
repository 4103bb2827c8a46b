package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * What a project gets that depends on Afterbay. Maven itself resolves it: the POMs are laid into an
 * empty repository as `install` would lay them; all else comes from the one that this build has
 * filled.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DependencyTreeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path FOLDER = Path.of("target", "consumer").toAbsolutePath();
  private static final Path REPOSITORY = FOLDER.resolve("repository");
  private static final Pattern ARTIFACT =
      Pattern.compile("([\\w.-]+):([\\w.-]+):jar:([\\w.-]+):(?:compile|runtime|provided|test)");

  private record Artifact(String group, String name, String version) {}

  private final Element parent = xml(ROOT.resolve("pom.xml"));
  private final String version = text(parent, "version");

  @AfterEach
  void removeTheRepository() throws IOException {
    delete(REPOSITORY);
  }

  @Test
  void oneVersionOfEachFamilyAndNoTestLibraryReachesAConsumer() throws Exception {
    delete(FOLDER);
    for (Path pom : published()) {
      stage(pom);
    }
    consumer("plain", "", dependency("http", version) + dependency("rocksdb", version));
    consumer("client", "", dependency("client", version));
    consumer("server", "", dependency("server", version) + dependency("core", version));
    // The user's own Vert.x stands first, and would bring the Netty that it names.
    consumer("bom", bom(), vertx() + dependency("http", "") + dependency("core", ""));
    Files.writeString(
        FOLDER.resolve("pom.xml"),
        pom(
            "all",
            "<packaging>pom</packaging><modules><module>plain</module><module>client</module>"
                + "<module>server</module><module>bom</module></modules>"));
    maven();

    assertThat(tree("client"))
        .extracting(Artifact::name)
        .containsExactlyInAnyOrder(
            "afterbay-client",
            "afterbay-core",
            "jackson-core",
            "jackson-databind",
            "jackson-annotations");
    for (String name : List.of("plain", "server", "bom")) {
      List<Artifact> tree = tree(name);
      assertThat(tree)
          .as(name)
          .extracting(Artifact::name)
          .contains("afterbay-http", "netty-codec-http2");
      assertThat(families(tree).values())
          .as(name)
          .allSatisfy(found -> assertThat(found).hasSize(1));
      assertThat(families(tree).get("io.netty")).as(name).containsExactly(managed("netty.version"));
      assertThat(tree)
          .as(name)
          .extracting(Artifact::group)
          .noneMatch(group -> group.matches("org\\.(junit|assertj|opentest4j|apiguardian).*"))
          .doesNotContain("com.tngtech.archunit");
    }
  }

  @Test
  void theBomNamesAllThatIsPublished() {
    Element bom = xml(ROOT.resolve("bom/pom.xml"));
    Set<String> named = new TreeSet<>(List.of("afterbay", "afterbay-bom"));
    for (Element dependency : all(bom, "dependency")) {
      if (text(dependency, "groupId").equals("dev.afterbay")) {
        assertThat(text(dependency, "version")).isEqualTo("${project.version}");
        named.add(text(dependency, "artifactId"));
      }
    }
    assertThat(named)
        .isEqualTo(
            new TreeSet<>(published().stream().map(pom -> text(xml(pom), "artifactId")).toList()));
    assertThat(text(bom, "version")).isEqualTo(version);
    assertThat(text(children(bom, "properties").getFirst(), "netty.version"))
        .isEqualTo(managed("netty.version"));
  }

  /** What a public repository asks for; a module has the rest from its parent. */
  @Test
  void eachPublishedModuleSaysWhatItIs() {
    for (Path pom : published()) {
      Element project = xml(pom);
      boolean inherits = !children(project, "parent").isEmpty();
      List<String> asked =
          inherits
              ? List.of("name", "description")
              : List.of("name", "description", "url", "licenses", "developers", "scm");
      assertThat(asked)
          .as(pom.toString())
          .allSatisfy(name -> assertThat(children(project, name)).hasSize(1));
    }
  }

  private String bom() {
    return """
    <dependencyManagement><dependencies><dependency>
      <groupId>dev.afterbay</groupId><artifactId>afterbay-bom</artifactId><version>%s</version>
      <type>pom</type><scope>import</scope>
    </dependency></dependencies></dependencyManagement>
    """
        .formatted(version);
  }

  private static String dependency(String module, String version) {
    return ("<dependency><groupId>dev.afterbay</groupId><artifactId>afterbay-%s</artifactId>"
            + "%s</dependency>")
        .formatted(module, version.isEmpty() ? "" : "<version>" + version + "</version>");
  }

  private String vertx() {
    return "<dependency><groupId>io.vertx</groupId><artifactId>vertx-core</artifactId>"
        + "<version>%s</version></dependency>".formatted(managed("vertx.version"));
  }

  private static void consumer(String name, String management, String dependencies)
      throws IOException {
    Path folder = Files.createDirectories(FOLDER.resolve(name));
    Files.writeString(
        folder.resolve("pom.xml"),
        pom(name, management + "<dependencies>" + dependencies + "</dependencies>"));
  }

  /** What this build has downloaded stands before the registry. */
  private static String pom(String name, String content) {
    String repository = "<id>built-with</id><url>%s</url>".formatted(filledByThisBuild().toUri());
    return """
    <project xmlns="http://maven.apache.org/POM/4.0.0">
      <modelVersion>4.0.0</modelVersion>
      <groupId>consumer</groupId>
      <artifactId>%s</artifactId>
      <version>1</version>
      %s
      <repositories><repository>%s</repository></repositories>
      <pluginRepositories><pluginRepository>%s</pluginRepository></pluginRepositories>
    </project>
    """
        .formatted(name, content, repository, repository);
  }

  private void maven() throws Exception {
    String home = System.getProperty("maven.home", "");
    Path command = home.isEmpty() ? ROOT.resolve("mvnw") : Path.of(home, "bin", "mvn");
    Path log = FOLDER.resolve("maven.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                command.toString(),
                "-B",
                "-ntp",
                "-f",
                FOLDER.resolve("pom.xml").toString(),
                "-Dmaven.repo.local=" + REPOSITORY,
                // Saves copying; a Maven before 3.9 copies.
                "-Dmaven.repo.local.tail=" + filledByThisBuild(),
                "-Dmaven.repo.local.tail.ignoreAvailability=true",
                "org.apache.maven.plugins:maven-dependency-plugin:%s:tree"
                    .formatted(versionOfPlugin("maven-dependency-plugin")),
                "-DoutputFile=tree.txt")
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().remove("MAVEN_PROJECTBASEDIR");
    builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).as("Maven ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
  }

  private static Path filledByThisBuild() {
    String told = System.getProperty("maven.repository", "");
    return told.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".m2", "repository")
        : Path.of(told);
  }

  private static List<Artifact> tree(String name) throws IOException {
    List<Artifact> artifacts = new ArrayList<>();
    for (String line : Files.readAllLines(FOLDER.resolve(name).resolve("tree.txt"))) {
      Matcher matcher = ARTIFACT.matcher(line);
      if (matcher.find()) {
        artifacts.add(new Artifact(matcher.group(1), matcher.group(2), matcher.group(3)));
      }
    }
    return artifacts;
  }

  /** Versions by group, of the groups that are released as one. */
  private static Map<String, Set<String>> families(List<Artifact> tree) {
    Map<String, Set<String>> families = new TreeMap<>();
    for (Artifact artifact : tree) {
      // Jackson's annotations, Netty's binding to OpenSSL and Angus Activation count by themselves.
      if (!artifact.name().equals("jackson-annotations")
          && !artifact.name().equals("angus-activation")
          && !artifact.name().startsWith("netty-tcnative")) {
        families.computeIfAbsent(artifact.group(), _ -> new TreeSet<>()).add(artifact.version());
      }
    }
    return families;
  }

  /** The POMs that `install` and `deploy` take. */
  private List<Path> published() {
    Stream<Path> modules =
        children(children(parent, "modules").getFirst(), "module").stream()
            .map(module -> ROOT.resolve(module.getTextContent()).resolve("pom.xml"))
            .filter(pom -> all(xml(pom), "maven.deploy.skip").isEmpty());
    return Stream.concat(Stream.of(ROOT.resolve("pom.xml")), modules).toList();
  }

  private void stage(Path pom) throws IOException {
    String name = text(xml(pom), "artifactId");
    Path folder =
        Files.createDirectories(REPOSITORY.resolve("dev/afterbay").resolve(name).resolve(version));
    Files.copy(pom, folder.resolve(name + "-" + version + ".pom"));
  }

  private String managed(String property) {
    return text(children(parent, "properties").getFirst(), property);
  }

  private String versionOfPlugin(String name) {
    return all(parent, "plugin").stream()
        .filter(plugin -> text(plugin, "artifactId").equals(name))
        .filter(plugin -> !children(plugin, "version").isEmpty())
        .map(plugin -> text(plugin, "version"))
        .findFirst()
        .orElseThrow();
  }

  private static Element xml(Path file) {
    try {
      return DocumentBuilderFactory.newDefaultInstance()
          .newDocumentBuilder()
          .parse(file.toFile())
          .getDocumentElement();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new AssertionError(file + ": " + e.getMessage(), e);
    }
  }

  private static List<Element> all(Element element, String name) {
    var found = element.getElementsByTagName(name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private static List<Element> children(Element element, String name) {
    List<Element> found = new ArrayList<>();
    for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element child && child.getTagName().equals(name)) {
        found.add(child);
      }
    }
    return found;
  }

  private static String text(Element element, String child) {
    return children(element, child).getFirst().getTextContent().strip();
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path left, IOException failure)
              throws IOException {
            Files.delete(left);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
