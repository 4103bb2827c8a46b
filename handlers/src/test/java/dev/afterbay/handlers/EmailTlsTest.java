package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.afterbay.Outcome;
import dev.afterbay.handlers.SmtpSettings.Tls;
import jakarta.mail.BodyPart;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against GreenMail, and over TLS. */
@Timeout(60)
class EmailTlsTest {
  private static final String PAYLOAD =
      """
      {"to": "Jörg <joerg@a.example>", "reply_to": ["desk@b.example", "Ops <ops@b.example>"],
       "subject": "Grüße", "text": "Schöne\\n.Grüße\\n", "html": "<p>Grüße</p>",
       "headers": {"X-Campaign": "äutumn", "List-Unsubscribe": "<https://b.example/u>"},
       "attachments": [{"name": "Übersicht.pdf", "content_type": "application/pdf",
                        "base64": "%s"}]}
      """
          .formatted(
              Base64.getEncoder().encodeToString("%PDF".getBytes(StandardCharsets.US_ASCII)));

  private static MailCertificate certificate;

  @BeforeAll
  static void certify(@TempDir Path folder) throws Exception {
    certificate = new MailCertificate(folder);
    System.setProperty("greenmail.tls.keystore.file", certificate.file.toString());
    System.setProperty("greenmail.tls.keystore.password", MailCertificate.PASSWORD);
  }

  private static Outcome handled(SmtpSettings settings, SSLSocketFactory trust, MailJob job)
      throws Exception {
    EmailAddress from = EmailAddress.parse("News <news@afterbay.example>");
    SmtpTransport transport = new SmtpTransport(from, settings, trust);
    try (EmailHandler handler = new EmailHandler(transport, InstantSource.system());
        ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      return thread.submit(() -> handler.handle(job)).get();
    }
  }

  @Test
  void aRealServerUnderstandsAllOfAnEmailOverTlsWithALogin() throws Exception {
    GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS));
    server.setUser("news@afterbay.example", "me", "pässword");
    server.start();
    try {
      SmtpSettings settings =
          SmtpSettings.of("127.0.0.1")
              .port(server.getSmtps().getPort())
              .tls(Tls.TLS)
              .login("me", "pässword");
      MailJob job = new MailJob(PAYLOAD);
      assertThat(handled(settings, certificate.trusting(), job)).isEqualTo(Outcome.done());
      MimeMessage mail = server.getReceivedMessages()[0];
      assertThat(mail.getSubject()).isEqualTo("Grüße");
      assertThat(mail.getFrom()[0]).hasToString("News <news@afterbay.example>");
      assertThat(mail.getAllRecipients()[0].toString()).endsWith("<joerg@a.example>");
      assertThat(mail.getReplyTo()).hasSize(2);
      assertThat(mail.getHeader("List-Unsubscribe")).containsExactly("<https://b.example/u>");
      assertThat(jakarta.mail.internet.MimeUtility.decodeText(mail.getHeader("X-Campaign")[0]))
          .isEqualTo("äutumn");
      Multipart mixed = (Multipart) mail.getContent();
      Multipart texts = (Multipart) mixed.getBodyPart(0).getContent();
      assertThat(texts.getBodyPart(0).getContent()).isEqualTo("Schöne\r\n.Grüße\r\n");
      assertThat(texts.getBodyPart(1).getContent()).isEqualTo("<p>Grüße</p>");
      assertThat(texts.getBodyPart(1).getContentType()).startsWith("text/html");
      BodyPart file = mixed.getBodyPart(1);
      assertThat(file.getFileName()).isEqualTo("Übersicht.pdf");
      assertThat(file.getContentType()).startsWith("application/pdf");
      assertThat(file.getInputStream().readAllBytes()).asString().isEqualTo("%PDF");
    } finally {
      server.stop();
    }
  }

  @Test
  void aWrongPasswordIsRetriedWithTheServersCode() throws Exception {
    GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    server.setUser("news@afterbay.example", "me", "right");
    server.start();
    try {
      SmtpSettings settings =
          SmtpSettings.of("127.0.0.1")
              .port(server.getSmtp().getPort())
              .tls(Tls.NONE)
              .login("me", "wrong-one");
      assertThat(handled(settings, certificate.trusting(), new MailJob(PAYLOAD)))
          .isInstanceOfSatisfying(
              Outcome.Retry.class,
              retry -> assertThat(retry.reason()).contains(": 535 ").doesNotContain("wrong-one"));
      assertThat(server.getReceivedMessages()).isEmpty();
    } finally {
      server.stop();
    }
  }

  @Test
  void startTlsComesBeforeLoginAndMail() throws Exception {
    try (ScriptedSmtp server =
        new ScriptedSmtp((with, line) -> line.startsWith("AUTH") && with.say("235 welcome"))) {
      server.certificate = certificate;
      server.extensions = "250-STARTTLS\r\n250 AUTH PLAIN\r\n";
      SmtpSettings settings = server.settings().tls(Tls.STARTTLS).login("me", "secret");
      MailJob job = new MailJob(MailJob.to("ada@a.example", "bob@a.example"));
      assertThat(handled(settings, certificate.trusting(), job)).isEqualTo(Outcome.done());
      assertThat(server.mails).hasSize(2);
      assertThat(server.lines.get(1)).isEqualTo("STARTTLS");
      assertThat(server.lines.get(3)).startsWith("AUTH PLAIN");
    }
  }

  @Test
  void anUnknownCertificateIsRefusedBeforeTheLogin() throws Exception {
    try (ScriptedSmtp server = ScriptedSmtp.willing()) {
      server.certificate = certificate;
      server.extensions = "250-STARTTLS\r\n250 AUTH PLAIN\r\n";
      SmtpSettings settings = server.settings().tls(Tls.STARTTLS).login("me", "secret");
      SSLSocketFactory trust = (SSLSocketFactory) SSLSocketFactory.getDefault();
      assertThat(handled(settings, trust, new MailJob(PAYLOAD)))
          .isInstanceOfSatisfying(
              Outcome.Retry.class,
              retry -> assertThat(retry.reason()).containsIgnoringCase("certificat"));
      assertThat(server.count("AUTH")).isZero();
    }
  }

  @Test
  void aCertificateOfAnotherNameIsRefusedWithStartTlsAndWithTls() throws Exception {
    try (ScriptedSmtp server = ScriptedSmtp.willing()) {
      server.certificate = certificate;
      server.extensions = "250 STARTTLS\r\n";
      SmtpSettings settings = SmtpSettings.of("localhost").port(server.port()).tls(Tls.STARTTLS);
      assertThat(handled(settings, certificate.trusting(), new MailJob(PAYLOAD)))
          .isInstanceOfSatisfying(
              Outcome.Retry.class, retry -> assertThat(retry.reason()).contains("localhost"));
      assertThat(server.mails).isEmpty();
    }
    GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS));
    server.start();
    try {
      SmtpSettings settings =
          SmtpSettings.of("localhost").port(server.getSmtps().getPort()).tls(Tls.TLS);
      assertThat(handled(settings, certificate.trusting(), new MailJob(PAYLOAD)))
          .isInstanceOf(Outcome.Retry.class);
      assertThat(server.getReceivedMessages()).isEmpty();
    } finally {
      server.stop();
    }
  }
}
