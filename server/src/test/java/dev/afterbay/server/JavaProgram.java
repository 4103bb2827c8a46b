package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;

/** A program of one source file, compiled as a user would. */
final class JavaProgram {

  private JavaProgram() {}

  static void compile(Path folder, String name, String source, String classPath)
      throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                said,
                said,
                "-proc:none",
                "-nowarn",
                "-cp",
                classPath,
                "-d",
                folder.toString(),
                file.toString());
    assertThat(result).as(said.toString(StandardCharsets.UTF_8)).isZero();
  }
}
