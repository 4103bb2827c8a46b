package dev.afterbay.handlers;

import dev.afterbay.handlers.Email.Attachment;
import dev.afterbay.worker.PermanentFailure;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeUtility;
import jakarta.mail.internet.ParameterList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An e-mail as the lines that are sent (RFC 5322, RFC 2045). The body is the same for all
 * recipients and made once; before it stands a head for each.
 */
final class EmailMime {

  /** What most servers take. */
  static final int MESSAGE_BYTES_MAX = 25 << 20;

  /** Neither base64 nor quoted-printable has these two characters side by side. */
  private static final String BOUNDARY = "=_afterbay_";

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss xx", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

  /** More of the text than this beyond ASCII is shorter, and no less readable, in base64. */
  private static final int OTHER_PERCENT_MAX = 25;

  private static final int ID_BYTES = 8;
  private static final String CRLF = "\r\n";

  private final EmailAddress from;
  private final String jobId;
  private final String common;
  private final byte[] body;
  private final boolean utf8;

  private EmailMime(EmailAddress from, String jobId, String common, byte[] body, boolean utf8) {
    this.from = from;
    this.jobId = jobId;
    this.common = common;
    this.body = body;
    this.utf8 = utf8;
  }

  /** A part of a message: its headers, each with its line end, and what follows them. */
  @SuppressWarnings("ArrayRecordComponent") // Written, never compared.
  private record Part(String headers, byte[] content) {}

  /**
   * @throws PermanentFailure if it is too large
   */
  static EmailMime of(Email email, EmailAddress from, String jobId, Instant date)
      throws PermanentFailure {
    checkSize(email);
    Part part = part(email);
    StringBuilder common = new StringBuilder();
    common.append("Date: ").append(DATE.format(date)).append(CRLF);
    common.append("From: ").append(shown(from)).append(CRLF);
    if (!email.replyTo().isEmpty()) {
      List<String> addresses = email.replyTo().stream().map(EmailMime::shown).toList();
      common.append("Reply-To: ").append(String.join("," + CRLF + " ", addresses)).append(CRLF);
    }
    common.append(header("Subject", email.subject()));
    for (Map.Entry<String, String> header : email.headers().entrySet()) {
      common.append(header(header.getKey(), header.getValue()));
    }
    common.append("MIME-Version: 1.0").append(CRLF).append(part.headers).append(CRLF);
    checkSize((long) common.length() + part.content.length);
    boolean utf8 = from.isUtf8() || email.replyTo().stream().anyMatch(EmailAddress::isUtf8);
    return new EmailMime(from, jobId, common.toString(), part.content, utf8);
  }

  /** Whether a server must know SMTPUTF8 to take it. */
  boolean isUtf8(EmailAddress to) {
    return utf8 || to.isUtf8();
  }

  /** Writes it for one recipient. */
  void writeTo(OutputStream out, EmailAddress to) throws IOException {
    String head = "Message-ID: " + messageId(to) + CRLF + "To: " + shown(to) + CRLF + common;
    out.write(head.getBytes(StandardCharsets.UTF_8));
    out.write(body);
  }

  /** The same whenever the same job is sent to the same recipient, and for no other. */
  String messageId(EmailAddress to) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(to.address().getBytes(StandardCharsets.UTF_8));
      return "<"
          + jobId
          + "."
          + HexFormat.of().formatHex(hash, 0, ID_BYTES)
          + "@"
          + from.domain()
          + ">";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Looks at the parts, before anything is copied.
   *
   * @throws PermanentFailure if it is certainly too large
   */
  static void checkSize(Email email) throws PermanentFailure {
    long bytes = 0;
    for (Attachment attachment : email.attachments()) {
      bytes += attachment.bytes().length * 4L / 3;
    }
    checkSize(bytes);
  }

  private static void checkSize(long bytes) throws PermanentFailure {
    if (bytes > MESSAGE_BYTES_MAX) {
      throw new PermanentFailure(
          "the e-mail has "
              + bytes
              + " bytes as it is sent, at most "
              + MESSAGE_BYTES_MAX
              + " are allowed");
    }
  }

  private static Part part(Email email) {
    List<Part> texts = new ArrayList<>();
    if (email.text() != null) {
      texts.add(text("plain", email.text()));
    }
    if (email.html() != null) {
      texts.add(text("html", email.html()));
    }
    Part text = texts.size() == 1 ? texts.getFirst() : multipart("alternative", texts);
    if (email.attachments().isEmpty()) {
      return text;
    }
    List<Part> parts = new ArrayList<>(List.of(text));
    email.attachments().forEach(attachment -> parts.add(file(attachment)));
    return multipart("mixed", parts);
  }

  private static Part text(String subtype, String text) {
    String lines = LINE_END.matcher(text).replaceAll(CRLF);
    byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
    String encoding = encoding(lines);
    String headers =
        "Content-Type: text/"
            + subtype
            + "; charset=utf-8"
            + CRLF
            + "Content-Transfer-Encoding: "
            + encoding
            + CRLF;
    return new Part(headers, encoded(bytes, encoding));
  }

  private static String encoding(String lines) {
    if (isPlain(lines)) {
      return "7bit";
    }
    long others = lines.chars().filter(c -> c > '~').count();
    return others * 100 > (long) OTHER_PERCENT_MAX * lines.length() ? "base64" : "quoted-printable";
  }

  /** May stand as it is: ASCII in lines that are not too long, and nothing like a boundary. */
  private static boolean isPlain(String lines) {
    return !lines.contains("=_")
        && lines
            .chars()
            .allMatch(c -> (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n')
        && lines.lines().allMatch(line -> line.length() <= EmailJson.LINE_CHARS_MAX);
  }

  private static byte[] encoded(byte[] bytes, String encoding) {
    return switch (encoding) {
      case "7bit" -> bytes;
      case "base64" -> Base64.getMimeEncoder().encode(bytes);
      default -> quotedPrintable(bytes);
    };
  }

  private static byte[] quotedPrintable(byte[] bytes) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream(bytes.length + bytes.length / 4);
    try (OutputStream out = MimeUtility.encode(encoded, "quoted-printable")) {
      out.write(bytes);
    } catch (IOException | MessagingException e) {
      throw new IllegalStateException("memory takes what is written", e);
    }
    return encoded.toByteArray();
  }

  private static Part file(Attachment attachment) {
    ParameterList parameters = new ParameterList();
    parameters.set("filename", attachment.name(), "utf-8");
    String headers =
        "Content-Type: "
            + attachment.contentType()
            + CRLF
            + "Content-Transfer-Encoding: base64"
            + CRLF
            + "Content-Disposition: attachment"
            + parameters.toString(31)
            + CRLF;
    return new Part(headers, Base64.getMimeEncoder().encode(attachment.bytes()));
  }

  private static Part multipart(String subtype, List<Part> parts) {
    String boundary = BOUNDARY + subtype;
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (Part part : parts) {
      content.writeBytes(ascii("--" + boundary + CRLF + part.headers + CRLF));
      content.writeBytes(part.content);
      content.writeBytes(ascii(CRLF));
    }
    content.writeBytes(ascii("--" + boundary + "--" + CRLF));
    String headers =
        "Content-Type: multipart/" + subtype + "; boundary=\"" + boundary + "\"" + CRLF;
    return new Part(headers, content.toByteArray());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String header(String name, String value) {
    try {
      String encoded = MimeUtility.encodeText(value, "utf-8", null);
      return name + ": " + MimeUtility.fold(name.length() + 2, encoded) + CRLF;
    } catch (UnsupportedEncodingException e) {
      throw new IllegalStateException("every JDK has UTF-8", e);
    }
  }

  private static String shown(EmailAddress address) {
    if (address.name() == null) {
      return address.address();
    }
    try {
      return new InternetAddress(address.address(), address.name(), "utf-8").toString();
    } catch (UnsupportedEncodingException e) {
      throw new IllegalStateException("every JDK has UTF-8", e);
    }
  }
}
