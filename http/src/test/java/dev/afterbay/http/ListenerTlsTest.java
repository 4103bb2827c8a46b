package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.http.TlsSettings.ClientAuth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files a listener takes for its TLS, at the start and when they change. */
final class ListenerTlsTest {

  private static final Instant LATER = Instant.parse("2999-01-01T00:00:00Z");

  @TempDir private Path folder;

  private final TestAuthority authority = new TestAuthority("Authority");
  private final KeptLog log = new KeptLog();
  private Instant now = Instant.now();
  private TlsFolder files;

  @BeforeEach
  void putFiles() {
    files = new TlsFolder(folder).put(authority.server()).trust(authority);
  }

  private ListenerTls open(TlsSettings settings) {
    return new ListenerTls("http.tls", settings, InstantSource.system(), log);
  }

  private TlsSettings settings(@Nullable Path key, @Nullable Path password) {
    return new TlsSettings(files.certificate, key, password, null, ClientAuth.NONE);
  }

  private TlsSettings settings() {
    return settings(files.key, null);
  }

  private String refusal(TlsSettings settings) {
    Rejected refused = catchThrowableOfType(Rejected.class, () -> open(settings));
    assertThat(refused).isNotNull();
    return refused.field() + " " + refused.getMessage();
  }

  private Path write(String name, String content) {
    Path file = folder.resolve(name);
    TlsFolder.write(file, content);
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA", "Ed25519"})
  void aKeyOfAnyAlgorithmIsTaken(String algorithm) {
    KeyPair keys = TestAuthority.keys(algorithm);
    files.put(authority.certify("localhost", keys));
    open(settings());
    files.put(authority.server());
    TlsFolder.write(files.key, authority.certify("localhost", keys).key());
    assertThat(refusal(settings())).startsWith("key_file must be the ");
  }

  /** PKCS#1 and SEC 1, as openssl and cert-manager write them. */
  @Test
  void aKeyInTheWayOfOldIsTaken() {
    KeyPair rsa = TestAuthority.keys("RSA");
    files.put(authority.certify("localhost", rsa));
    TlsFolder.write(
        files.key, TestAuthority.pem("RSA PRIVATE KEY", withoutAlgorithm(rsa.getPrivate())));
    open(settings());
    KeyPair ec = TestAuthority.keys("EC");
    files.put(authority.certify("localhost", ec));
    TlsFolder.write(
        files.key,
        TestAuthority.pem("EC PARAMETERS", new byte[] {5, 0})
            + TestAuthority.pem("EC PRIVATE KEY", withoutAlgorithm(ec.getPrivate())));
    open(settings());
  }

  /** What PKCS#8 wraps, which is its last part: a sequence of its own. */
  private static byte[] withoutAlgorithm(PrivateKey key) {
    byte[] whole = key.getEncoded();
    for (int at = 8; at < whole.length; at++) {
      byte[] rest = Arrays.copyOfRange(whole, at, whole.length);
      if (rest[0] == 0x30 && Arrays.equals(rest, TestAuthority.sequence(content(rest)))) {
        return rest;
      }
    }
    throw new AssertionError("no key in it");
  }

  private static byte[] content(byte[] tagged) {
    int header = tagged[1] >= 0 ? 2 : 2 + (tagged[1] & 0x7f);
    return Arrays.copyOfRange(tagged, Math.min(header, tagged.length), tagged.length);
  }

  @Test
  void anEncryptedKeyIsTakenWithItsPassword() throws GeneralSecurityException, IOException {
    TestAuthority.Certified server = authority.server();
    files.put(server);
    TlsFolder.write(
        files.key, TestAuthority.pem("ENCRYPTED PRIVATE KEY", encrypted(server, "hush")));
    open(settings(files.key, write("password", "hush\n")));
    assertThat(refusal(settings(files.key, write("password", "other"))))
        .startsWith("key_file must be the private key of the certificate, with its password");
    assertThat(refusal(settings()))
        .isEqualTo("key_file must not be encrypted unless password_file is given");
  }

  private static byte[] encrypted(TestAuthority.Certified server, String password)
      throws GeneralSecurityException, IOException {
    String algorithm = "PBEWithHmacSHA256AndAES_256";
    SecretKey key =
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec(password.toCharArray()));
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(Cipher.ENCRYPT_MODE, key, new PBEParameterSpec(new byte[8], 1_000));
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
    parameters.init(cipher.getParameters().getEncoded());
    byte[] content = cipher.doFinal(server.keys().getPrivate().getEncoded());
    return new EncryptedPrivateKeyInfo(parameters, content).getEncoded();
  }

  @Test
  void aStoreOfPkcs12IsTakenWithItsPassword() throws IOException {
    Files.write(files.certificate, authority.server().pkcs12("changeit"));
    open(settings(null, write("password", "changeit\n")));
    assertThat(refusal(settings(null, write("password", "other"))))
        .startsWith("password_file must have the password");
    assertThat(refusal(settings(null, null))).startsWith("password_file must have the password");
    assertThat(refusal(settings(files.key, null)))
        .startsWith("certificate must be PEM where key_file is given");
  }

  @Test
  void aCertificateAndItsKeyMayBeInOneFile() {
    TestAuthority.Certified server = authority.server();
    TlsFolder.write(files.certificate, "# ours\n" + server.key() + "\n" + server.chain());
    open(settings(null, null));
    TlsFolder.write(files.certificate, server.chain());
    assertThat(refusal(settings(null, null))).startsWith("key_file must be given: there is no");
  }

  @Test
  void whatIsNoPairIsRefusedByTheSettingThatIsWrong() throws IOException {
    assertThat(refusal(settings(folder.resolve("none"), null)))
        .isEqualTo("key_file must be a file: there is none");
    assertThat(refusal(settings(folder, null))).isEqualTo("key_file must be a file");
    assertThat(refusal(settings(files.certificate, null)))
        .isEqualTo("key_file must be PEM with a private key: there is none");
    assertThat(refusal(settings(write("text", "nothing"), null)))
        .isEqualTo("key_file must be PEM with a private key: there is none");
    assertThat(refusal(settings(write("half", authority.server().key().substring(0, 90)), null)))
        .isEqualTo("key_file must be whole: there is no -----END PRIVATE KEY-----");
    assertThat(refusal(settings(write("odd", TestAuthority.pem("PRIVATE KEY", new byte[9])), null)))
        .startsWith("key_file must be the private key of the certificate");
    assertThat(refusal(settings(write("other", authority.server().key()), null)))
        .startsWith("key_file must be the key of the certificate, which is the first one");
    String old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA==\n";
    assertThat(refusal(settings(write("old", old + "-----END RSA PRIVATE KEY-----\n"), null)))
        .startsWith("key_file must be encrypted as PKCS#8");
    TlsFolder.write(files.certificate, "nothing");
    assertThat(refusal(settings(null, null)))
        .isEqualTo("certificate must be PEM, or a PKCS#12 store: it is neither");
    TlsFolder.write(files.certificate, TestAuthority.pem("CERTIFICATE", new byte[9]));
    assertThat(refusal(settings())).startsWith("certificate must be certificates in PEM (");
    Files.write(files.certificate, new byte[(1 << 20) + 1]);
    assertThat(refusal(settings())).isEqualTo("certificate must be a file of at most 1 MiB");
  }

  @Test
  void authoritiesMustBeCertificatesAndThere() {
    TlsFolder.write(files.authorities, "nothing");
    assertThat(refusal(files.settings(ClientAuth.WANT)))
        .isEqualTo("client_ca must be PEM with a certificate: there is none");
    Rejected refused =
        catchThrowableOfType(
            Rejected.class,
            () -> new TlsSettings(files.certificate, files.key, null, null, ClientAuth.REQUIRE));
    assertThat(refused.field()).isEqualTo("client_ca");
  }

  @Test
  void anRsaKeyThatIsTooShortIsRefused() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(512);
    files.put(authority.certify("localhost", generator.generateKeyPair()));
    assertThat(refusal(settings()))
        .isEqualTo("certificate must be of an RSA key of 1024 bits or more: it is of 512");
  }

  @Test
  void anExpiredCertificateIsAWarningAtTheStart() {
    files.put(
        authority.certify(
            "localhost",
            TestAuthority.keys("EC"),
            Instant.parse("2020-01-01T00:00:00Z"),
            Instant.parse("2020-02-01T00:00:00Z")));
    open(settings());
    assertThat(log.lines())
        .containsExactly(
            "WARNING http.tls.certificate: "
                + files.certificate
                + ": the certificate has expired at 2020-02-01T00:00:00Z");
  }

  @Test
  void whatIsBrokenLaterIsLoggedOnceAndAllStays() {
    ListenerTls tls = open(settings());
    TlsFolder.write(files.key, authority.server().key());
    tls.look();
    tls.look();
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith("WARNING http.tls.key_file: " + files.key + ": must be the key of")
        .endsWith("; what was there before stays in use");
    TlsFolder.write(files.certificate, "nothing");
    tls.look();
    tls.look();
    assertThat(log.lines()).hasSize(2);
  }

  @Test
  void whatFitsAgainIsTaken() {
    ListenerTls tls = open(settings());
    TestAuthority.Certified next = authority.server();
    TlsFolder.write(files.certificate, next.chain());
    tls.look();
    assertThat(log.lines()).singleElement().asString().contains("key_file");
    TlsFolder.write(files.key, next.key());
    tls.look();
    tls.look();
    assertThat(log.lines())
        .hasSize(2)
        .last()
        .asString()
        .startsWith(
            "INFO http.tls.certificate: "
                + files.certificate
                + ": taken, for new connections: CN=localhost, valid until ");
  }

  @Test
  void anExpiredCertificateIsNotTakenForOneThatIsValid() {
    ListenerTls tls = new ListenerTls("http.tls", settings(), () -> now, log);
    files.put(authority.server());
    now = LATER;
    tls.look();
    tls.look();
    assertThat(log.lines()).singleElement().asString().contains(": has expired at ");
  }
}
