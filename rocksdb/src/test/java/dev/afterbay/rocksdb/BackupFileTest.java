package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file has its name once all of it is there. */
class BackupFileTest {

  private static final Backup.Made MADE = new Backup.Made(7, 3);

  @TempDir Path directory;

  private Path file;
  private Path partial;

  @BeforeEach
  void name() {
    file = directory.resolve("backup");
    partial = directory.resolve("backup.partial");
  }

  private static BackupFile.Source text(String text) {
    return to -> {
      to.write(text.getBytes(StandardCharsets.US_ASCII));
      return MADE;
    };
  }

  @Test
  void itIsItsOwnersAlone() throws IOException {
    assertThat(BackupFile.make(file, false, text("one"))).isEqualTo(MADE);

    assertThat(file).hasContent("one");
    assertThat(partial).doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void whatIsThereGivesWayOnlyWhenThatIsSaid() throws IOException {
    Files.writeString(file, "mine");
    assertThatThrownBy(() -> BackupFile.make(file, false, text("one")))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageEndingWith("say --replace");
    assertThat(file).hasContent("mine");
    assertThat(partial).doesNotExist();

    BackupFile.make(file, true, text("one"));
    assertThat(file).hasContent("one");

    assertThatThrownBy(() -> BackupFile.make(directory, true, text("one")))
        .hasMessageEndingWith("it is a folder: name a file");
  }

  @Test
  void whatComesToBeThereMeanwhileStays() throws IOException {
    assertThatThrownBy(() ->
            BackupFile.make(
                file,
                false,
                _ -> {
                  Files.writeString(file, "mine");
                  return MADE;
                }))
        .isInstanceOf(StoreException.Unusable.class);
    assertThat(file).hasContent("mine");
    assertThat(partial).doesNotExist();
  }

  @Test
  void whatFailsLeavesNothingNew() throws IOException {
    Files.writeString(file, "mine");
    assertThatThrownBy(() ->
            BackupFile.make(
                file,
                true,
                to -> {
                  to.write(1);
                  throw new IOException("injected");
                }))
        .hasMessage("injected");
    assertThat(file).hasContent("mine");
    assertThat(partial).doesNotExist();
  }

  @Test
  void whatAKilledOneLeftIsWrittenOver() throws IOException {
    Files.writeString(partial, "longer than the other");
    BackupFile.make(file, false, text("one"));
    assertThat(file).hasContent("one");
    assertThat(partial).doesNotExist();
  }

  @Test
  void twoDoNotWriteTheSameFile() throws IOException {
    BackupFile.make(
        file,
        false,
        to -> {
          assertThatThrownBy(() -> BackupFile.make(file, false, text("two")))
              .isInstanceOf(StoreException.Unusable.class)
              .hasMessageContaining("another backup writes it now");
          return text("one").write(to);
        });
    assertThat(file).hasContent("one");
  }

  @Test
  void nothingButAPlainFileIsWrittenOver() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "mine");
    Files.createSymbolicLink(partial, other);
    assertThatThrownBy(() -> BackupFile.make(file, false, text("one")))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageContaining("delete it, or name another file");
    Files.delete(partial);
    Files.createLink(partial, other);
    assertThatThrownBy(() -> BackupFile.make(file, false, text("one")))
        .isInstanceOf(StoreException.Unusable.class);
    Files.delete(partial);

    Files.createSymbolicLink(file, other);
    assertThatThrownBy(() -> BackupFile.make(file, true, text("one")))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageContaining("it is no plain file");
    assertThatThrownBy(() -> BackupFile.make(Path.of("/dev/null"), true, text("one")))
        .hasMessageContaining("it is no plain file");
    assertThat(other).hasContent("mine");
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    Path elsewhere = directory.resolve("none").resolve("backup");
    assertThatThrownBy(() -> BackupFile.make(elsewhere, false, text("one")))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageContaining(elsewhere + ".partial: no such file or directory");
  }

  @Test
  void aFullDiskIsToldAndGetsItsRoomBack() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), 4)) {
      Path small = disk.path().resolve("backup");
      assertThatThrownBy(() ->
              BackupFile.make(
                  small,
                  false,
                  to -> {
                    while (true) {
                      to.write(new byte[64 << 10]);
                    }
                  }))
          .isInstanceOf(StoreException.Unusable.class)
          .hasMessageContaining("there was no room for it after")
          .hasMessageContaining("No space left on device");
      assertThat(disk.path()).isEmptyDirectory();
    }
  }
}
