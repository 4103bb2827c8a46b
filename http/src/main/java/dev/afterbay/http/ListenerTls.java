package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.PlainText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a listener, by the files that its settings name, as they were when they were last looked
 * at and fit. What becomes of them later holds for connections that come later: those under way
 * stay as they are.
 */
public final class ListenerTls {
  /*
   * A change makes a new context and not only another key: a session that is resumed would keep
   * what a client was trusted for by authorities of old, and tickets are of the context that gave
   * them.
   */

  /** How often a server looks at the files. */
  static final long LOOK_MILLIS = 2_000;

  private static final Logger LOG = System.getLogger(ListenerTls.class.getName());

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final String[] APPLICATION_PROTOCOLS = {"h2", "http/1.1"};

  /** A session takes some KiB of the heap; the JDK would keep 20,480 for a day. */
  static final int SESSIONS_MAX = 1_000;

  static final int SESSION_SECONDS_MAX = 3_600;
  private static final int SUBJECT_CHARS_MAX = 200;

  private final String name;
  private final TlsSettings settings;
  private final InstantSource clock;
  private final Logger log;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile Loaded current;

  /** The last one that was logged, so that it is not logged each time; while looking. */
  private String complaint = "";

  /**
   * What was in the files at one time.
   *
   * @param trust judges certificates of clients; empty: nobody is asked for one
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Loaded(String digest, TlsIdentity identity, TrustManager[] trust, SSLContext context) {}

  ListenerTls(String name, TlsSettings settings, InstantSource clock, Logger log) {
    this.name = name;
    this.settings = settings;
    this.clock = clock;
    this.log = log;
    TlsFiles files = TlsFiles.read(settings);
    TlsIdentity identity = TlsIdentity.of(files);
    current = load(files, identity);
    String invalidity = identity.invalidity(clock.instant());
    if (invalidity != null) {
      log.log(Level.WARNING, where(TlsSettings.CERTIFICATE) + "the certificate " + invalidity);
    }
  }

  /**
   * Reads the files.
   *
   * @param name of the settings, for the log, such as {@code http.tls}
   * @throws Rejected if they are not what they must be; its field is the setting, such as {@code
   *     key_file}
   */
  public static ListenerTls open(String name, TlsSettings settings, InstantSource clock) {
    return new ListenerTls(name, settings, clock, LOG);
  }

  /**
   * Looks at the files again, and takes them if they have changed and fit together. Otherwise all
   * stays as it is, and the log says why, once.
   */
  public void look() {
    if (!looking.tryLock()) {
      return; // Another look takes long, as on a network's file system that hangs.
    }
    try {
      takeChanges();
      complaint = "";
    } catch (Rejected e) {
      complain(where(e.field()) + e.getMessage());
    } catch (RuntimeException e) { // A file that its reader did not foresee.
      complain(where(TlsSettings.CERTIFICATE) + e);
    } finally {
      looking.unlock();
    }
  }

  private void complain(String now) {
    if (!now.equals(complaint)) {
      complaint = now;
      log.log(Level.WARNING, now + "; what was there before stays in use");
    }
  }

  private void takeChanges() {
    TlsFiles files = TlsFiles.read(settings);
    if (files.digest().equals(current.digest())) {
      return;
    }
    TlsIdentity identity = TlsIdentity.of(files);
    String invalidity = identity.invalidity(clock.instant());
    if (invalidity != null) {
      throw new Rejected(TlsSettings.CERTIFICATE, invalidity);
    }
    current = load(files, identity);
    X509Certificate own = identity.certificate();
    log.log(
        Level.INFO,
        where(TlsSettings.CERTIFICATE)
            + "taken, for new connections: "
            + shown(own)
            + ", valid until "
            + own.getNotAfter().toInstant());
  }

  private Loaded load(TlsFiles files, TlsIdentity identity) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManager[] trust = trust(files.clientCa());
      context.init(new KeyManager[] {identity}, trust, null);
      SSLSessionContext sessions = context.getServerSessionContext();
      sessions.setSessionCacheSize(SESSIONS_MAX);
      sessions.setSessionTimeout(SESSION_SECONDS_MAX);
      return new Loaded(files.digest(), identity, trust, context);
    } catch (GeneralSecurityException | IOException e) {
      throw new Rejected(TlsSettings.CLIENT_CA, "must be certificates of authorities: " + e, e);
    }
  }

  /** Nobody, unless authorities are given: not those of the JDK, who know everybody. */
  private static TrustManager[] trust(byte @Nullable [] authorities)
      throws GeneralSecurityException, IOException {
    if (authorities == null) {
      return new TrustManager[0];
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int count = 0;
    for (X509Certificate each : TlsIdentity.certificates(TlsSettings.CLIENT_CA, authorities)) {
      store.setCertificateEntry("authority-" + count++, each);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return factory.getTrustManagers();
  }

  /**
   * For a client that asks a server on its own machine: it takes any certificate, and shows the one
   * of the settings to a listener that wants one, if it may read it.
   *
   * @param settings null: it has none to show
   */
  public static SSLContext toOneself(@Nullable TlsSettings settings) {
    KeyManager[] own = {};
    if (settings != null && settings.clientAuth() != TlsSettings.ClientAuth.NONE) {
      try {
        own = new KeyManager[] {TlsIdentity.of(TlsFiles.read(settings))};
      } catch (Rejected e) {
        LOG.log(Level.DEBUG, "there is no certificate to show", e);
      }
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own, new TrustManager[] {new AnyCertificate()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK speaks TLS", e);
    }
  }

  private String where(String setting) {
    return name + "." + setting + ": " + settings.file(setting) + ": ";
  }

  /** The subject of a certificate, for people. */
  static String shown(X509Certificate certificate) {
    return PlainText.line(certificate.getSubjectX500Principal().getName(), SUBJECT_CHARS_MAX);
  }

  /**
   * @throws Rejected if HTTP/3 cannot do with the certificate that there is now
   */
  public void requireFitForHttp3() {
    String algorithm = current.identity().keyAlgorithm();
    if (!QuicTls.ALGORITHMS.contains(algorithm)) {
      throw new Rejected(
          TlsSettings.CERTIFICATE,
          "must be of an RSA or EC key where http3 is true: it is of " + algorithm);
    }
  }

  /** As it is for connections that begin now. */
  Loaded current() {
    return current;
  }

  TlsSettings.ClientAuth clientAuth() {
    return settings.clientAuth();
  }

  /** The server's end of a new connection. */
  SSLEngine engine() {
    SSLEngine engine = current.context().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setApplicationProtocols(APPLICATION_PROTOCOLS);
    switch (settings.clientAuth()) {
      case NONE -> parameters.setNeedClientAuth(false);
      case WANT -> parameters.setWantClientAuth(true);
      case REQUIRE -> parameters.setNeedClientAuth(true);
    }
    engine.setSSLParameters(parameters);
    return engine;
  }
}
