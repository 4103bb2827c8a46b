package dev.afterbay.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A certificate for localhost with its key, in the files of a server, and those who trust it. */
record TlsPair(Path certificate, Path key) {

  static TlsPair in(Path folder) throws GeneralSecurityException, IOException {
    return new TlsPair(folder.resolve("server.pem"), folder.resolve("server.key")).renewed();
  }

  /** With another key. */
  TlsPair renewed() throws GeneralSecurityException, IOException {
    KeyPair keys = SnsPublisher.newKeys();
    Instant from = Instant.now().minusSeconds(3_600);
    byte[] der =
        new SelfMadeCertificate(
                "localhost", false, keys.getPublic(), from, from.plusSeconds(86_400))
            .signedBy("localhost", keys);
    Files.writeString(certificate, SelfMadeCertificate.pem(der));
    Base64.Encoder lines = Base64.getMimeEncoder();
    Files.writeString(
        key,
        "-----BEGIN PRIVATE KEY-----\n"
            + lines.encodeToString(keys.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
    return this;
  }

  /** As the configuration names the files. */
  String yaml() {
    return "{certificate: '" + certificate + "', key_file: '" + key + "'}";
  }

  /** A client that trusts the server and shows the same certificate, as both are one's own. */
  HttpClient.Builder alike() throws GeneralSecurityException, IOException {
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    String pem = Files.readString(key).replaceAll("-----.*-----|\\s", "");
    PrivateKey privateKey =
        KeyFactory.getInstance("RSA")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    own.setKeyEntry("own", privateKey, new char[0], new Certificate[] {parsed()});
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(own, new char[0]);
    return HttpClient.newBuilder().sslContext(trusting(keys.getKeyManagers()));
  }

  private Certificate parsed() throws GeneralSecurityException, IOException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate)));
  }

  private SSLContext trusting(KeyManager @Nullable [] shown)
      throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", parsed());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shown, trust.getTrustManagers(), null);
    return context;
  }

  HttpClient.Builder client() throws GeneralSecurityException, IOException {
    return HttpClient.newBuilder().sslContext(trusting(null));
  }
}
