package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Message;
import dev.afterbay.worker.PermanentFailure;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an e-mail job may ask for, and how it is written as a message. */
class EmailJsonTest {
  private static final EmailAddress FROM = EmailAddress.parse("news@afterbay.example");
  private static final EmailAddress TO = EmailAddress.parse("ada@a.example");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {}                                               | to must be given
          {"to":[]}                                        | to must be given
          {"to":7}                                         | to must be an address
          {"to":["a@b.c",7]}                               | to[1] must be a text
          {"to":"ada"}                                     | to must be an address
          {"to":"a@b.c"}                                   | text or html must be given
          {"to":"a@b.c","text":1}                          | text must be a text
          {"to":"a@b.c","text":"x","cc":{}}                | cc must be an address
          {"to":"a@b.c","text":"x","bcc":["@b.c"]}         | bcc[0] must be an address
          {"to":"a@b.c","text":"x","sender":"y"}           | sender is not known here
          {"to":"a@b.c","text":"x","from":"y@b.c"}         | from is not known here
          {"to":"a@b.c","text":"x","subject":"a\\nb"}      | subject must not have control
          {"to":"a@b.c","text":"x","subject":"a\\u0000b"}  | subject must not have control
          {"to":"a@b.c","text":"x","subject":"a\\u2028b"}  | subject must not have control
          {"to":"a@b.c\\r\\nBcc: x@y.z","text":"x"}        | to must not have control
          {"to":"A\\r\\nBcc: x@y.z <a@b.c>","text":"x"}    | to must not have control
          {"to":"a@b.c","text":"x","reply_to":"r\\n@b.c"}  | reply_to must not have control
          {"to":"a@b.c","text":"x","headers":[]}           | headers must be an object
          {"to":"a@b.c","text":"x","headers":{"X":1}}      | headers.X must be a text
          {"to":"a@b.c","text":"x","headers":{"X":"a\\r\\nBcc: b"}} | headers.X must not have
          {"to":"a@b.c","text":"x","headers":{"X\\r\\nY":"a"}} | headers must have names
          {"to":"a@b.c","text":"x","headers":{"X: Y":"a"}} | headers must have names
          {"to":"a@b.c","text":"x","headers":{"":"a"}}     | headers must have names
          {"to":"a@b.c","text":"x","headers":{"X":"a","x":"b"}} | headers must have each name once
          {"to":"a@b.c","text":"x","attachments":{}}       | attachments must be a list
          {"to":"a@b.c","text":"x","attachments":[7]}      | attachments[0] must be an object
          {"to":"a@b.c","text":"x","attachments":[{"base64":""}]} | attachments[0].name must be given
          {"to":"a@b.c","text":"x","attachments":[{"name":"n"}]} | attachments[0].base64 must be given
          {"to":"a@b.c","text":"x","attachments":[{"name":"n","base64":"*"}]} | attachments[0].base64 must be base64
          {"to":"a@b.c","text":"x","attachments":[{"name":"n\\n","base64":""}]} | attachments[0].name must not have
          {"to":"a@b.c","text":"x","attachments":[{"name":"n","base64":"","content_type":"x"}]} | attachments[0].content_type must be
          {"to":"a@b.c","text":"x","attachments":[{"name":"n","base64":"","content_type":"a/b\\r\\nX: y"}]} | attachments[0].content_type must be
          {"to":"a@b.c","text":"x","attachments":[{"name":"n","base64":"","size":1}]} | attachments[0].size is not known
          """)
  void whatIsWrongIsNamedByItsField(String json, String reason) {
    refused(json, reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "From",
        "sender",
        "TO",
        "Cc",
        "Bcc",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Resent-To",
        "Return-Path"
      })
  void headersThatAreSetCannotBeReplaced(String name) {
    refused(
        "{\"to\":\"a@b.c\",\"text\":\"x\",\"headers\":{\"" + name + "\":\"y\"}}",
        "headers must not have " + name);
  }

  @Test
  void moreThanTheLimitsIsRefused() {
    refused(
        MailJob.to(
            IntStream.rangeClosed(0, 1_000).mapToObj(i -> i + "@b.c").toArray(String[]::new)),
        "to, cc and bcc must be at most 1000 recipients, and are 1001");
    refused(
        MailJob.to(
            IntStream.range(0, 500)
                .mapToObj(i -> "a".repeat(60) + i + "@b.c")
                .toArray(String[]::new)),
        "to, cc and bcc must be at most 28672 bytes of addresses");
    refused(
        "{\"to\":\"a@b.c\",\"text\":\"x\",\"subject\":\"" + "x".repeat(901) + "\"}",
        "subject must be at most 900");
    refused(
        "{\"to\":\"a@b.c\",\"text\":\"x\",\"headers\":{\"X\":\"" + "x".repeat(901) + "\"}}",
        "headers.X must have a blank");
    String headers =
        IntStream.range(0, 65)
            .mapToObj(i -> "\"X" + i + "\":\"\"")
            .collect(Collectors.joining(","));
    refused(
        "{\"to\":\"a@b.c\",\"text\":\"x\",\"headers\":{" + headers + "}}",
        "headers must be at most 64");
  }

  @Test
  void anEmailThatIsTooLargeIsRefused() throws Exception {
    String base64 = Base64.getEncoder().encodeToString(new byte[20 << 20]);
    Email email =
        read(
            "{\"to\":\"a@b.c\",\"text\":\"x\",\"attachments\":[{\"name\":\"n\",\"base64\":\""
                + base64
                + "\"}]}");
    assertThatThrownBy(() -> EmailMime.of(email, FROM, "id", Instant.EPOCH))
        .isInstanceOf(PermanentFailure.class)
        .hasMessageContaining("at most 26214400");
  }

  @ParameterizedTest
  @CsvSource({
    "ada@a.example, ada@a.example",
    "Ada@A.Example, Ada@a.example",
    "a+b/c=d@a.example, a+b/c=d@a.example",
    "ada@bücher.example, ada@xn--bcher-kva.example",
    "jörg@a.example, jörg@a.example",
    "Ada Lovelace <ada@a.example>, ada@a.example",
    "'\"Lovelace, Ada\" <ada@a.example>', ada@a.example",
    "<ada@a.example>, ada@a.example",
    "root@localhost, root@localhost"
  })
  void addresses(String text, String address) {
    assertThat(EmailAddress.parse(text).address()).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "a@",
        "@b.c",
        "a b@c.d",
        "a@b c.d",
        "a@b..c",
        "a@-b.c",
        "a@b.c>",
        "<a@b.c",
        "a@b.c, d@e.f",
        "a..b@c.d",
        ".a@b.c",
        "\"a b\"@c.d",
        "a@[127.0.0.1]",
        "a@b_c.d",
        "a@stra\u00dfe.example",
        "a\u202eb@c.d",
        "a\u3000b@c.d",
        "a@b\u0000.c",
        "a\u0085@b.c",
        "a@b.c\n",
        "a>\r\nRCPT TO:<x@y.z"
      })
  void whatIsNoAddress(String text) {
    assertThatThrownBy(() -> EmailAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("must ");
  }

  @Test
  void anAddressHasTheLengthsOfSmtp() {
    String local = "a".repeat(64);
    assertThat(EmailAddress.parse(local + "@b.c").address()).hasSize(68);
    assertThatThrownBy(() -> EmailAddress.parse(local + "a@b.c"));
    assertThatThrownBy(() -> EmailAddress.parse("é".repeat(33) + "@b.c"));
    assertThatThrownBy(() -> EmailAddress.parse(local + "@" + "b.".repeat(100) + "c"));
  }

  @Test
  void anAddressWithoutEndIsRefusedAtOnce() {
    for (String text :
        List.of(
            "a<" + " ".repeat(1_000_000) + "b>",
            "a.".repeat(100_000) + "a@b.c",
            "a@" + "ü".repeat(100_000) + ".c")) {
      assertThatThrownBy(() -> EmailAddress.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("must be at most 1000 characters, and is " + text.length());
    }
    assertThatThrownBy(() -> EmailAddress.parse("a@" + "ü".repeat(990) + ".c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("must have a valid domain");
  }

  @Test
  void noLineIsLongerThanAMessageMayHave() throws Exception {
    String words = "word ".repeat(1_000).strip();
    Email email =
        read(
            "{\"to\":\"a@b.c\",\"text\":\""
                + "x".repeat(5_000)
                + "\",\"html\":\"é"
                + words
                + "\",\"subject\":\""
                + "ü".repeat(900)
                + "\",\"headers\":{\"X-Words\":\""
                + words
                + "\"}}");
    String[] lines = written(email).split("\r\n", -1);
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(998));
    assertThat(written(email)).doesNotContainPattern("[^\r]\n").doesNotContainPattern("\r[^\n]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Grüße",
        "=?utf-8?q?x?=",
        "a  b",
        "日本語のとても長い件名でありエンコードされた語がいくつも要るもの日本語のとても長い",
        "word word word word word word word word word word word word word word word word word end"
      })
  void aSubjectIsReadAsItWasGiven(String subject) throws Exception {
    Email email = read("{\"to\":\"a@b.c\",\"text\":\"x\",\"subject\":\"" + subject + "\"}");
    MimeMessage read =
        new MimeMessage(
            null, new ByteArrayInputStream(written(email).getBytes(StandardCharsets.UTF_8)));
    String expected = subject.startsWith("=?") ? "x" : subject.strip();
    assertThat(read.getSubject().strip()).isEqualTo(expected);
  }

  @Test
  void manyBlanksInAHeaderMakeNoLineThatIsEmpty() throws Exception {
    Email email =
        read(
            "{\"to\":\"a@b.c\",\"text\":\"x\",\"headers\":{\"X\":\"a"
                + " \\t".repeat(2_000)
                + "b\",\"Y\":\""
                + " ".repeat(500)
                + "\"},\"subject\":\""
                + " ".repeat(300)
                + "\"}");
    String head = written(email).split("\r\n\r\n", 2)[0];
    assertThat(head).contains("Content-Type: text/plain").doesNotContainPattern("\n[ \t]*\r\n");
  }

  @Test
  void aTextThatLooksLikeABoundaryEndsNothing() throws Exception {
    Email email =
        read("{\"to\":\"a@b.c\",\"text\":\"--=_afterbay_alternative--\",\"html\":\"<p>x\"}");
    assertThat(written(email).split("--=_afterbay_alternative--", -1)).hasSize(2);
  }

  /** The reason of a failure is kept, and may be logged: a body is not. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2secret",
        "{\"to\": hunter2secret}",
        "{\"to\": \"a@b.c\", \"text\": \"hunter2secret",
        "{\"to\":\"a@b.c\",\"text\":\"x\",\"subject\":\"hunter2secret\\n\"}",
        "{\"to\":\"a@b.c\",\"text\":\"x\",\"headers\":{\"X\":\"hunter2secret\\n\"}}",
      })
  void whatTheEmailSaysIsInNoReason(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(PermanentFailure.class)
        .message()
        .doesNotContain("hunter2");
  }

  @Test
  void ofBrokenJsonThePlaceIsSaid() {
    refused("{\n \"to\": x}", "the payload is not JSON, at line 2, column 8");
  }

  private static String written(Email email) throws PermanentFailure, IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EmailMime.of(email, FROM, "id", Instant.EPOCH).writeTo(out, TO);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void refused(String json, String reason) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(PermanentFailure.class)
        .hasMessageStartingWith(reason);
  }

  private static Email read(String json) throws PermanentFailure {
    return EmailJson.read(Message.of("email", json));
  }
}
