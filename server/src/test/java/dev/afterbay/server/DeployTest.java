package dev.afterbay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.server.Config.Listen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What is in deploy names settings, ports, paths and commands that the program has. */
final class DeployTest {
  private static final Path DEPLOY = Path.of("..", "deploy");
  private static final String HOME = "/opt/afterbay/afterbay";
  private static final String USER = "65532";

  @TempDir private Path folder;

  @Test
  void theUnitStartsTheServerOnFoldersOfItsOwn() throws IOException {
    Map<String, List<String>> unit = unit("Service");
    assertThat(one(unit, "ExecStart")).isEqualTo(HOME + " serve");
    Map<String, String> environment = new HashMap<>();
    for (String variable : unit.get("Environment")) {
      environment.put(variable.split("=", 2)[0], variable.split("=", 2)[1]);
    }
    Config config = read("", environment);
    Path state = Path.of("/var/lib").resolve(one(unit, "StateDirectory"));
    assertThat(config.data().startsWith(state)).isTrue();
    assertThat(one(unit, "WorkingDirectory"))
        .isEqualTo("/etc/" + one(unit, "ConfigurationDirectory"));
    assertThat(Duration.ofSeconds(Long.parseLong(one(unit, "TimeoutStopSec"))))
        .isGreaterThan(config.shutdownGrace());
    assertThat(one(unit, "RestartPreventExitStatus"))
        .isEqualTo(ExitCode.CONFIGURATION + " " + ExitCode.STORE_DAMAGED);
  }

  @Test
  void theUnitLetsItDoNoMoreThanItNeedsButCompile() throws IOException {
    Map<String, List<String>> unit = unit("Service");
    assertThat(one(unit, "ProtectSystem")).isEqualTo("strict");
    assertThat(one(unit, "NoNewPrivileges")).isEqualTo("yes");
    assertThat(one(unit, "DynamicUser")).isEqualTo("yes");
    assertThat(one(unit, "CapabilityBoundingSet")).isEmpty();
    assertThat(one(unit, "MemoryDenyWriteExecute")).isEqualTo("no");
  }

  /** Where systemd is, which knows its options best. */
  @Test
  void systemdUnderstandsEveryLineOfTheUnit() throws Exception {
    Path analyze = Path.of("/usr/bin/systemd-analyze");
    assumeTrue(Files.isExecutable(analyze), "systemd-analyze is there");
    String unit = Files.readString(DEPLOY.resolve("afterbay.service"));
    // As it is not installed here.
    Path file =
        Files.writeString(
            folder.resolve("afterbay.service"), unit.replace(HOME + " serve", "/bin/true"));
    Process process =
        new ProcessBuilder(analyze.toString(), "verify", "--man=no", file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(said.lines().filter(line -> line.contains("afterbay.service"))).isEmpty();
  }

  @Test
  void composeRunsTheImageForThisMachineAlone() throws IOException {
    Part service = yaml("compose.yaml").getFirst().at("services", "afterbay");
    assertThat(service.text("image")).isEqualTo("afterbay:" + version());
    assertThat(service.text("user")).isEqualTo(USER + ":" + USER);
    assertThat(service.text("read_only")).isEqualTo("true");
    assertThat(service.texts("ports"))
        .allSatisfy(port -> assertThat(port).startsWith("127.0.0.1:").endsWith(":" + Listen.PORT));
    assertThat(service.texts("volumes")).containsExactly("data:/data");
    assertThat(service.at("healthcheck").texts("test")).containsExactly("CMD", HOME, "health");
    Map<String, String> environment = new HashMap<>(service.at("environment").texts());
    environment.put("AFTERBAY_HTTP_ADDRESS", "0.0.0.0"); // As the image has it.
    Config config = read("", environment);
    assertThat(seconds(service.text("stop_grace_period"))).isGreaterThan(config.shutdownGrace());
  }

  @Test
  void kubernetesExposesNothingButSnsAndHealth() throws IOException {
    Part pod = kind("StatefulSet").at("spec", "template", "spec");
    Part container = pod.list("containers").getFirst();
    assertThat(container.text("image")).isEqualTo("afterbay:" + version());
    Config config = kubernetesConfig(container);
    assertThat(config.http().isLoopback()).isTrue();
    assertThat(config.auth()).isEqualTo(Config.Auth.AUTO);
    String port = container.list("ports").getFirst().text("containerPort");
    assertThat(port).isEqualTo(Integer.toString(config.sns().listen().port()));
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(container.at(probe, "httpGet").text("port")).isEqualTo("sns");
      assertThat(container.at(probe, "httpGet").text("path"))
          .isEqualTo(probe.startsWith("readiness") ? "/health/ready" : "/health/live");
    }
    assertThat(kind("Service").at("spec").list("ports").getFirst().text("targetPort"))
        .isEqualTo("sns");
    assertThat(seconds(pod.text("terminationGracePeriodSeconds") + "s"))
        .isGreaterThan(config.shutdownGrace());
  }

  @Test
  void kubernetesRunsOneThatMayWriteToItsDataAlone() throws IOException {
    Part set = kind("StatefulSet").at("spec");
    assertThat(set.text("replicas")).isEqualTo("1");
    Part pod = set.at("template", "spec");
    assertThat(pod.at("securityContext").text("runAsNonRoot")).isEqualTo("true");
    assertThat(pod.at("securityContext").text("runAsUser")).isEqualTo(USER);
    Part container = pod.list("containers").getFirst();
    assertThat(container.at("securityContext").text("readOnlyRootFilesystem")).isEqualTo("true");
    assertThat(container.at("securityContext").text("allowPrivilegeEscalation")).isEqualTo("false");
    String mounted =
        container.list("volumeMounts").stream()
            .filter(mount -> mount.text("name").equals("data"))
            .map(mount -> mount.text("mountPath"))
            .findFirst()
            .orElseThrow();
    assertThat(kubernetesConfig(container).data().startsWith(mounted)).isTrue();
    Map<String, String> labels = set.at("selector", "matchLabels").texts();
    assertThat(set.at("template", "metadata", "labels").texts()).isEqualTo(labels);
    assertThat(kind("PodDisruptionBudget").at("spec", "selector", "matchLabels").texts())
        .isEqualTo(labels);
    assertThat(kind("Service").at("spec", "selector").texts()).isEqualTo(labels);
  }

  private Config kubernetesConfig(Part container) throws IOException {
    Map<String, String> environment = new HashMap<>();
    container
        .list("env")
        .forEach(variable -> environment.put(variable.text("name"), variable.text("value")));
    return read(kind("ConfigMap").at("data").text("afterbay.yaml"), environment);
  }

  private static Part kind(String kind) throws IOException {
    return yaml("kubernetes.yaml").stream()
        .filter(document -> document.text("kind").equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private Config read(String yaml, Map<String, String> environment) throws IOException {
    Path file = Files.writeString(folder.resolve("afterbay.yaml"), yaml);
    return ConfigReader.read(file, new Overrides(environment, Map.of()));
  }

  private static Duration seconds(String text) {
    return Parsers.duration(text);
  }

  private static String version() throws IOException {
    String pom = Files.readString(Path.of("..", "pom.xml"));
    return pom.replaceFirst("(?s).*?<version>([^<]+)</version>.*", "$1");
  }

  private static String one(Map<String, List<String>> section, String name) {
    assertThat(section.get(name)).as(name).hasSize(1);
    return section.get(name).getFirst();
  }

  /** The lines of one section; a name may stand there several times. */
  private static Map<String, List<String>> unit(String section) throws IOException {
    Map<String, List<String>> found = new LinkedHashMap<>();
    String now = "";
    for (String line : Files.readAllLines(DEPLOY.resolve("afterbay.service"))) {
      if (line.startsWith("[")) {
        now = line.substring(1, line.length() - 1);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.split("=", 2);
        assertThat(parts).as(line).hasSize(2);
        if (now.equals(section)) {
          found.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(parts[1]);
        }
      }
    }
    return found;
  }

  private static List<Part> yaml(String file) throws IOException {
    List<Part> documents = new ArrayList<>();
    new Load(LoadSettings.builder().build())
        .loadAllFromString(Files.readString(DEPLOY.resolve(file)))
        .forEach(document -> documents.add(new Part(file, document)));
    return documents;
  }

  /**
   * A part of a document.
   *
   * @param path for messages
   */
  private record Part(String path, Object value) {

    Part at(String... names) {
      Part node = this;
      for (String name : names) {
        assertThat(node.value).as(node.path).isInstanceOf(Map.class);
        Object next = ((Map<?, ?>) node.value).get(name);
        assertThat(next).as(node.path + "." + name).isNotNull();
        node = new Part(node.path + "." + name, next);
      }
      return node;
    }

    String text(String name) {
      return at(name).value.toString();
    }

    List<Part> list(String name) {
      Part list = at(name);
      return ((List<?>) list.value).stream().map(it -> new Part(list.path + "[]", it)).toList();
    }

    List<String> texts(String name) {
      return list(name).stream().map(it -> it.value.toString()).toList();
    }

    Map<String, String> texts() {
      Map<String, String> texts = new HashMap<>();
      ((Map<?, ?>) value).forEach((name, text) -> texts.put(name.toString(), text.toString()));
      return texts;
    }
  }
}
