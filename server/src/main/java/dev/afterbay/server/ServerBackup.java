package dev.afterbay.server;

import dev.afterbay.PlainText;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.rocksdb.Backup;
import dev.afterbay.server.Config.Listen;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Asks a running server for a backup. */
final class ServerBackup {
  /*
   * By the JDK's oldest client: it reads a stream as it comes, ends it when nothing comes any more,
   * and tells an answer that breaks off from one that ends.
   */

  private static final Duration CONNECT_AT_MOST = Duration.ofSeconds(10);

  /** Without a byte. The server may wait for its disk. */
  private static final Duration PAUSE_AT_MOST = Duration.ofMinutes(2);

  private static final int PROBLEM_BYTES_MAX = 64 << 10;
  private static final int DETAIL_CHARS_MAX = 1_000;

  private final URI server;
  private final @Nullable SSLContext own;

  /**
   * @param own TLS of a server on this machine, whatever certificate it shows; null: it must be one
   *     that the JVM trusts, and have the name
   */
  ServerBackup(URI server, @Nullable SSLContext own) {
    this.server = server;
    this.own = own;
  }

  /**
   * @throws IllegalArgumentException if it is no address of a server
   */
  static URI address(String url) {
    URI address = URI.create(url);
    String scheme = address.getScheme();
    if (address.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
      throw new IllegalArgumentException("it must be such as http://127.0.0.1:8080");
    }
    return address;
  }

  /** One that listens on all addresses is asked on this machine's own. */
  static URI address(Listen listen) {
    String host = listen.host();
    try {
      if (InetAddress.getByName(host).isAnyLocalAddress()) {
        host = InetAddress.getLoopbackAddress().getHostAddress();
      }
    } catch (UnknownHostException _) {
      // Connecting says so.
    }
    return URI.create(new Listen(host, listen.port(), listen.tls()).url(listen.port()));
  }

  /** See {@link dev.afterbay.rocksdb.BackupFile.Source}. */
  Backup.Made write(OutputStream to) throws IOException {
    HttpURLConnection connection = opened();
    try {
      int status = status(connection);
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException(server + " makes no backup: " + problem(connection, status));
      }
      try (InputStream in = new Answer(connection.getInputStream())) {
        return Backup.copy(in, "the backup from " + server, to);
      }
    } finally {
      connection.disconnect();
    }
  }

  private HttpURLConnection opened() throws IOException {
    String base = server.toString().replaceAll("/+$", "");
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(base + "/backup").toURL().openConnection();
    if (own != null && connection instanceof HttpsURLConnection secure) {
      secure.setSSLSocketFactory(own.getSocketFactory());
      secure.setHostnameVerifier((_, _) -> true);
    }
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setFixedLengthStreamingMode(0);
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setConnectTimeout((int) CONNECT_AT_MOST.toMillis());
    connection.setReadTimeout((int) PAUSE_AT_MOST.toMillis());
    return connection;
  }

  private int status(HttpURLConnection connection) throws IOException {
    try {
      return connection.getResponseCode();
    } catch (ConnectException e) {
      throw new IOException(
          server
              + " does not answer ("
              + e.getMessage()
              + "): start the server, name it by --url, or name the folder of one that is stopped"
              + " by --data",
          e);
    } catch (IOException e) {
      throw new IOException(server + " does not answer: " + e, e);
    }
  }

  private static String problem(HttpURLConnection connection, int status) throws IOException {
    InputStream body = connection.getErrorStream();
    byte[] bytes = body == null ? new byte[0] : body.readNBytes(PROBLEM_BYTES_MAX);
    Problem.Said said = Problem.read(bytes);
    return said == null
        ? "it answers " + status + " (is it a server of Afterbay, at its admin address?)"
        : PlainText.line(said.detail(), DETAIL_CHARS_MAX);
  }

  /** Tells a server that breaks off from a file that cannot be written. */
  private final class Answer extends FilterInputStream {
    Answer(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        throw brokenOff(e);
      }
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      try {
        return super.read(bytes, from, length);
      } catch (IOException e) {
        throw brokenOff(e);
      }
    }

    private IOException brokenOff(IOException e) {
      return new IOException(
          server
              + " broke off the backup ("
              + e.getMessage()
              + "): see whether it runs, and what it logs; then try again",
          e);
    }
  }
}
