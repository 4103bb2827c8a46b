package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A file of the journal that is open for reading, whether or not it is still there.
 *
 * @param end where those of its records end that were asked for
 */
record LentFile(Path path, FileChannel channel, long end) {

  /** Opens all, or none. */
  static List<LentFile> open(Map<Path, Long> ends) throws IOException {
    List<LentFile> opened = new ArrayList<>();
    try {
      for (Map.Entry<Path, Long> file : ends.entrySet()) {
        FileChannel channel = FileChannel.open(file.getKey());
        opened.add(new LentFile(file.getKey(), channel, file.getValue()));
      }
      return opened;
    } catch (IOException | RuntimeException | Error e) {
      for (LentFile file : opened) {
        file.channel.close();
      }
      throw e;
    }
  }
}
