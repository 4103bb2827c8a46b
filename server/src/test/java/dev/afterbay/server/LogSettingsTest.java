package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LogSettingsTest {
  @TempDir private Path folder;
  private final Map<String, String> environment = new HashMap<>();

  @Test
  void withoutASectionTheLogIsTextOnStandardError() throws IOException {
    assertThat(read(""))
        .isEqualTo(
            new LogSettings(LogFormat.TEXT, LogSettings.Level.INFO, false, null, 100L << 20, 5));
  }

  @Test
  void allOfItCanBeSet() throws IOException {
    assertThat(
            read(
                "log: {format: json, level: warn, messages: true, file: /tmp/a.log,"
                    + " file_size: 1MiB, files: 2}"))
        .isEqualTo(
            new LogSettings(
                LogFormat.JSON, LogSettings.Level.WARN, true, Path.of("/tmp/a.log"), 1 << 20, 2));
  }

  @Test
  void variablesWinOverTheFile() throws IOException {
    environment.put("AFTERBAY_LOG_FORMAT", "json");
    environment.put("AFTERBAY_LOG_LEVEL", "DEBUG");
    environment.put("AFTERBAY_LOG_MESSAGES", "true");
    environment.put("AFTERBAY_LOG_FILE", "b.log");
    environment.put("AFTERBAY_LOG_FILE_SIZE", "64KiB");
    environment.put("AFTERBAY_LOG_FILES", "3");
    assertThat(read("log: {format: text, level: error}"))
        .isEqualTo(
            new LogSettings(
                LogFormat.JSON, LogSettings.Level.DEBUG, true, Path.of("b.log"), 64 << 10, 3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "format: xml | log.format: xml: must be one of text, json",
        "level: loud | log.level: loud: must be one of error, warn, info, debug, trace",
        "messages: yes please | log.messages: yes please: must be true or false",
        "file: '' | log.file: : must be the path of a file",
        "file_size: 1KiB | log.file_size: 1KiB: must be at least 64KiB",
        "files: 1 | log.files: 1: must be a whole number, 2 to 100",
        "files: 101 | log.files: 101: must be a whole number, 2 to 100",
        "colour: red | log.colour: red: unknown name; allowed: format, level, messages, file,"
            + " file_size, files",
      })
  void aWrongValueIsNamed(String section, String message) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> read("log: {" + section + "}"))
        .withMessage(message);
  }

  @Test
  void aWrongVariableIsNamed() {
    environment.put("AFTERBAY_LOG_LEVEL", "loud");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> read(""))
        .withMessageStartingWith("log.level (AFTERBAY_LOG_LEVEL): loud: must be one of error");
  }

  private LogSettings read(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("test.yaml"), yaml);
    return ConfigReader.read(file, new Overrides(environment, Map.of())).log();
  }
}
