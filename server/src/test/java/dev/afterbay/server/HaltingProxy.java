package dev.afterbay.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Stands before a server, lets the first bytes of one answer pass, and then nothing more. */
final class HaltingProxy implements AutoCloseable {

  private final ServerSocket listening;
  private final URI server;
  private final long bytesMax;
  private final CountDownLatch halted = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);

  private HaltingProxy(ServerSocket listening, URI server, long bytesMax) {
    this.listening = listening;
    this.server = server;
    this.bytesMax = bytesMax;
  }

  static HaltingProxy before(String url, long bytesMax) throws IOException {
    ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    HaltingProxy proxy = new HaltingProxy(listening, URI.create(url), bytesMax);
    Thread.ofVirtual().start(proxy::serve);
    return proxy;
  }

  String url() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  /** Until so much has passed. */
  void awaitHalt() throws InterruptedException {
    if (!halted.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("not so much came");
    }
  }

  /** Nothing more passes, and both ends are told. */
  void breakOff() {
    over.countDown();
  }

  private void serve() {
    try (Socket client = listening.accept();
        Socket behind = new Socket(server.getHost(), server.getPort())) {
      Thread.ofVirtual().start(() -> forward(client, behind));
      InputStream in = behind.getInputStream();
      OutputStream out = client.getOutputStream();
      byte[] piece = new byte[8 << 10];
      long passed = 0;
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        out.write(piece, 0, read);
        passed += read;
        if (passed >= bytesMax) {
          halted.countDown();
          over.await();
          return; // What has come meanwhile is not passed on.
        }
      }
    } catch (IOException | InterruptedException _) {
      // One of them is gone.
    }
  }

  /** What the client says, until it is gone, and with it what is behind. */
  private void forward(Socket client, Socket behind) {
    try {
      client.getInputStream().transferTo(behind.getOutputStream());
    } catch (IOException _) {
      // It is gone.
    }
    over.countDown();
    try {
      behind.close();
    } catch (IOException _) {
      // It is closed.
    }
  }

  @Override
  public void close() throws IOException {
    over.countDown();
    listening.close();
  }
}
