package dev.afterbay.http.sns;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** Where the files of the tests are. */
final class TestResources {
  private TestResources() {}

  static Path folder(String name) {
    URL url = TestResources.class.getResource("/sns/" + name);
    try {
      return Path.of(Objects.requireNonNull(url, name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
