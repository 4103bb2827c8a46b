package dev.afterbay.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** How bytes go over a connection that does not block. */
interface Wire {

  /** Reads what is there; below zero: the server has closed it. */
  int read(ByteBuffer in) throws IOException;

  /** Takes what can be taken now. */
  void write(ByteBuffer out) throws IOException;

  /** Whether it has taken what it still has to write. */
  boolean isWriting();

  /** As they are. */
  record Plain(SocketChannel channel) implements Wire {
    @Override
    public int read(ByteBuffer in) throws IOException {
      return channel.read(in);
    }

    @Override
    public void write(ByteBuffer out) throws IOException {
      channel.write(out);
    }

    @Override
    public boolean isWriting() {
      return false;
    }
  }
}
