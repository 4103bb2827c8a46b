package dev.afterbay.rocksdb;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one file for the {@link Journal} open whose blocks are all there, so that the next file
 * needs neither room nor a descriptor when it is begun. A thread of its own fills it with zeros.
 *
 * <p>It stays over restarts under a name of its own, which no scan of the journal looks at.
 */
final class JournalAhead implements AutoCloseable {

  static final String FILE = "ahead";

  private static final Logger LOG = System.getLogger(JournalAhead.class.getName());
  private static final long PAUSE_NANOS = 200_000_000;

  private final Path path;
  private final Device device;
  private final long bytes;
  private final Consumer<IOException> shortage;
  private final Thread thread;
  private volatile boolean wanted;
  private volatile boolean ending;
  private volatile boolean lacksRoom;
  private volatile @Nullable FileChannel ready;

  /**
   * @param shortage is told when there was no room
   */
  JournalAhead(Path folder, Device device, long bytes, Consumer<IOException> shortage) {
    this.path = folder.resolve(FILE);
    this.device = device;
    this.bytes = bytes;
    this.shortage = shortage;
    this.thread = Thread.ofPlatform().daemon().name("afterbay-allocate").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  Path path() {
    return path;
  }

  /** One will be needed. */
  void want() {
    wanted = true;
    LockSupport.unpark(thread);
  }

  boolean isReady() {
    return ready != null;
  }

  /** Whether it found no room when it was last tried. */
  boolean isShort() {
    return lacksRoom;
  }

  /** The file, for who then gives it a name of the journal; null: there is none yet. */
  @Nullable FileChannel take() {
    FileChannel taken = ready;
    ready = null;
    return taken;
  }

  /** What is half full is filled by the next one. */
  @Override
  public void close() throws IOException {
    ending = true;
    LockSupport.unpark(thread);
    try {
      if (thread.isAlive()) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted while the journal was closed", e);
    }
    FileChannel left = take();
    if (left != null) {
      left.close();
    }
  }

  private void run() {
    boolean told = false;
    while (!ending) {
      if (!wanted || isReady()) {
        LockSupport.park(this);
        continue;
      }
      try {
        FileChannel whole = allocated();
        wanted = false;
        ready = whole;
        lacksRoom = false;
        told = false;
      } catch (IOException | RuntimeException | Error e) {
        lacksRoom = Shortage.is(e); // before sends are refused, or the looker could let them in
        if (lacksRoom) {
          shortage.accept(e instanceof IOException known ? known : new IOException(e));
        } else if (!told) {
          told = true;
          LOG.log(
              Level.WARNING,
              "No file can be allocated for the journal ahead: " + Reason.withAdvice(e));
        }
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
    }
  }

  private FileChannel allocated() throws IOException {
    FileChannel channel = FilePermissions.openForOwner(path);
    try {
      if (channel.size() > bytes) {
        channel.truncate(bytes);
      }
      device.allocate(channel, bytes);
      return channel;
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }
}
