package dev.afterbay.bench;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Notifications as SNS sends them, signed by a certificate of our own, made before they are needed:
 * a signature costs ten times what it costs to verify it.
 */
final class SnsMessages {

  static final String TOPIC = "arn:aws:sns:us-east-1:123456789012:bench";
  static final String PATH = "/sns/bench";

  private static final String CERTIFICATE = "SimpleNotificationService-" + "0".repeat(32) + ".pem";
  private static final String ORIGIN = "https://sns.us-east-1.amazonaws.com/";

  /** What a signing certificate of that region is made out to (sns.md, section 2). */
  private static final String NAME = "sns.amazonaws.com";

  private static final String ALIAS = "sns";
  static final String PASSWORD = "password";

  /** What {@link #create} makes beside the certificate: the key with it, in PKCS#12. */
  static final String STORE = "keys.p12";

  private static final int PEM_LINE_CHARS = 64;
  private static final int TOGETHER = 1_000;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final PrivateKey key;

  private SnsMessages(PrivateKey key) {
    this.key = key;
  }

  /**
   * Makes a key, and its certificate in the given folder, for {@code sns.cert_dir}.
   *
   * <p>By keytool, as the JDK has no public API that makes a certificate.
   */
  static SnsMessages create(Path folder)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = folder.resolve(STORE);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-noprompt",
            "-keyalg",
            "RSA",
            "-keysize",
            "2048",
            "-startdate",
            "-1d",
            "-validity",
            "10",
            "-dname",
            "CN=" + NAME,
            "-ext",
            "san=dns:" + NAME,
            "-alias",
            ALIAS,
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            store.toString());
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0) {
      throw new IOException("keytool made no certificate: it exited with " + exit);
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    Files.writeString(folder.resolve(CERTIFICATE), pem(keys.getCertificate(ALIAS)));
    return new SnsMessages((PrivateKey) keys.getKey(ALIAS, PASSWORD.toCharArray()));
  }

  /** Writes so many requests, all different, for {@link #open}. */
  void write(Path file, int count) throws IOException {
    String text = new String(BenchPayload.text(), StandardCharsets.US_ASCII);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      for (int made = 0; made < count; made += TOGETHER) {
        List<byte[]> requests =
            IntStream.range(0, Math.min(TOGETHER, count - made))
                .parallel()
                .mapToObj(_ -> request(text))
                .toList();
        for (byte[] request : requests) {
          out.writeInt(request.length);
          out.write(request);
        }
      }
    }
  }

  /** Opens what {@link #write} made. */
  static Reader open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return new Reader(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    }
  }

  /** Hands out requests, each once; for one thread. */
  static final class Reader {
    private final ByteBuffer bytes;

    private Reader(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    @Nullable ByteBuffer next() {
      if (!bytes.hasRemaining()) {
        return null;
      }
      int length = bytes.getInt();
      ByteBuffer request = bytes.slice(bytes.position(), length);
      bytes.position(bytes.position() + length);
      return request;
    }
  }

  private byte[] request(String text) {
    String id = UUID.randomUUID().toString();
    String time = TIME.format(Instant.now());
    String signed =
        String.format(
            Locale.ROOT,
            "Message\n%s\nMessageId\n%s\nTimestamp\n%s\nTopicArn\n%s\nType\nNotification\n",
            text,
            id,
            time,
            TOPIC);
    String body = body(id, text, time, signature(signed));
    return Requests.post(PATH, headers(id), body.getBytes(StandardCharsets.US_ASCII));
  }

  private static String body(String id, String text, String time, String signature) {
    return String.format(
        Locale.ROOT,
        """
        {
          "Type" : "Notification",
          "MessageId" : "%s",
          "TopicArn" : "%s",
          "Message" : "%s",
          "Timestamp" : "%s",
          "SignatureVersion" : "2",
          "Signature" : "%s",
          "SigningCertURL" : "%s"
        }\
        """,
        id,
        TOPIC,
        text,
        time,
        signature,
        ORIGIN + CERTIFICATE);
  }

  private static String headers(String id) {
    return String.format(
        Locale.ROOT,
        """
        Content-Type: text/plain; charset=UTF-8\r
        User-Agent: Amazon Simple Notification Service Agent\r
        x-amz-sns-message-type: Notification\r
        x-amz-sns-message-id: %s\r
        x-amz-sns-topic-arn: %s\r
        """,
        id,
        TOPIC);
  }

  private String signature(String text) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign", e);
    }
  }

  private static String pem(Certificate certificate) throws GeneralSecurityException {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(PEM_LINE_CHARS, new byte[] {'\n'})
            .encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }
}
