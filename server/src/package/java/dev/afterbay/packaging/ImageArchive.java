package dev.afterbay.packaging;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * An image in one file, as {@code docker save} makes it: an OCI layout ({@code oci-layout}, {@code
 * index.json}, {@code blobs}) that also has the {@code manifest.json} of older readers. So Docker,
 * Podman, containerd and skopeo take it.
 */
final class ImageArchive {
  private static final String OCI = "application/vnd.oci.image.";
  private static final String LAYER = OCI + "layer.v1.tar+gzip";

  private final Path folder;
  private final Archive archive;
  private final List<Blob> layers = new ArrayList<>();
  private final List<String> unpacked = new ArrayList<>();

  /** A file that is called by the digest of what is in it. */
  private record Blob(String digest, long size) {

    String path() {
      return "blobs/sha256/" + digest;
    }

    String json(String mediaType) {
      return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
          .formatted(mediaType, digest, size);
    }
  }

  /**
   * What is run, and how.
   *
   * @param created in RFC 3339
   * @param architecture as Go calls it
   * @param tag after {@code afterbay:}
   */
  record Description(
      String created,
      String architecture,
      String tag,
      Map<String, String> environment,
      Map<String, String> labels) {}

  ImageArchive(Path folder, Archive archive) throws IOException {
    this.folder = folder;
    this.archive = archive;
    Files.createDirectories(folder.resolve("blobs/sha256"));
  }

  /** Adds a layer on top of those before. */
  void addLayer(Path tar) throws IOException {
    unpacked.add(digest(tar));
    Path zipped = tar.resolveSibling(tar.getFileName() + ".gz");
    Archive.gzip(tar, zipped);
    Files.delete(tar);
    layers.add(blob(zipped));
  }

  void write(Description description, Path to) throws IOException, InterruptedException {
    Blob config = blob("config.json", config(description));
    String described = layers.stream().map(it -> it.json(LAYER)).collect(Collectors.joining(","));
    Blob manifest =
        blob(
            "image.json",
            """
            {"schemaVersion":2,"mediaType":"%smanifest.v1+json","config":%s,"layers":[%s]}\
            """
                .formatted(OCI, config.json(OCI + "config.v1+json"), described));
    String name = "afterbay:" + description.tag();
    write(
        "index.json",
        """
        {"schemaVersion":2,"mediaType":"%sindex.v1+json","manifests":[{"mediaType":"%smanifest.v1+json",\
        "digest":"sha256:%s","size":%d,"platform":{"architecture":"%s","os":"linux"},"annotations":\
        {"io.containerd.image.name":"docker.io/library/%s","org.opencontainers.image.ref.name":"%s"}}]}\
        """
            .formatted(
                OCI,
                OCI,
                manifest.digest(),
                manifest.size(),
                description.architecture(),
                name,
                description.tag()));
    write("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    write(
        "manifest.json",
        "[{\"Config\":\"%s\",\"RepoTags\":[\"%s\"],\"Layers\":%s}]"
            .formatted(config.path(), name, list(layers.stream().map(Blob::path).toList())));
    archive.tar(to, folder, List.of("blobs", "index.json", "manifest.json", "oci-layout"));
  }

  private String config(Description description) {
    List<String> environment =
        new TreeMap<>(description.environment())
            .entrySet().stream().map(it -> it.getKey() + "=" + it.getValue()).toList();
    String labels =
        new TreeMap<>(description.labels())
            .entrySet().stream()
                .map(it -> quoted(it.getKey()) + ":" + quoted(it.getValue()))
                .collect(Collectors.joining(","));
    String launcher = "/" + LinuxRoot.HOME + "/afterbay";
    return """
    {"created":"%1$s","architecture":"%2$s","os":"linux","config":{"User":"%3$d:%3$d",\
    "ExposedPorts":{"8080/tcp":{}},"Env":%4$s,"Entrypoint":["%5$s"],"Cmd":["serve"],\
    "Healthcheck":{"Test":["CMD","%5$s","health"],"Interval":30000000000,"Timeout":5000000000,\
    "StartPeriod":10000000000,"Retries":3},"Volumes":{"/%6$s":{}},"WorkingDir":"/etc/afterbay",\
    "StopSignal":"SIGTERM","Labels":{%7$s}},"rootfs":{"type":"layers","diff_ids":%8$s},\
    "history":[%9$s]}\
    """
        .formatted(
            description.created(),
            description.architecture(),
            LinuxRoot.USER,
            list(environment),
            launcher,
            LinuxRoot.DATA,
            labels,
            list(unpacked.stream().map(digest -> "sha256:" + digest).toList()),
            unpacked.stream()
                .map(_ -> "{\"created\":\"%s\"}".formatted(description.created()))
                .collect(Collectors.joining(",")));
  }

  private static String list(List<String> texts) {
    return texts.stream().map(ImageArchive::quoted).collect(Collectors.joining(",", "[", "]"));
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private Blob blob(String name, String json) throws IOException {
    return blob(write(name, json));
  }

  /** Takes the file for its own. */
  private Blob blob(Path file) throws IOException {
    Blob blob = new Blob(digest(file), Files.size(file));
    Files.move(file, folder.resolve(blob.path()), StandardCopyOption.REPLACE_EXISTING);
    return blob;
  }

  private Path write(String name, String json) throws IOException {
    return Files.writeString(folder.resolve(name), json, StandardCharsets.UTF_8);
  }

  private static String digest(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, sha256).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }
}
