package dev.afterbay.handlers;

import dev.afterbay.handlers.Email.Attachment;
import dev.afterbay.handlers.EmailReply.State;
import dev.afterbay.worker.PermanentFailure;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Sends by the HTTP API of Cloudflare's Email Service: one request for each recipient
 * (developers.cloudflare.com/email-service/api/send-emails/rest-api). Cloudflare sets date and
 * message id itself, and takes no others.
 */
final class CloudflareTransport implements EmailTransport {

  private static final int ANSWER_BYTES_MAX = 64 << 10;
  private static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);

  /** Statuses that say that our settings are wrong, not the e-mail. */
  private static final Set<Integer> SETTINGS = Set.of(401, 403, 404);

  private static final Set<Integer> RETRIED = Set.of(408, 425, 429);
  private static final int SUCCESS_MIN = 200;
  private static final int SUCCESS_MAX = 299;
  private static final int CLIENT_ERROR_MIN = 400;
  private static final int SERVER_ERROR_MIN = 500;

  private final EmailAddress from;
  private final CloudflareSettings settings;
  private final InstantSource clock;
  private final OutgoingClient client;

  CloudflareTransport(EmailAddress from, CloudflareSettings settings, InstantSource clock) {
    this.from = from;
    this.settings = settings;
    this.clock = clock;
    client = new OutgoingClient(settings.timeout(), null);
  }

  @Override
  public Letter prepare(Email email, String jobId, Instant date) throws PermanentFailure {
    if (email.replyTo().size() > 1) {
      throw new PermanentFailure("reply_to must be one address: Cloudflare takes no more");
    }
    EmailMime.checkSize(email);
    String json = json(email);
    String open = json.substring(0, json.length() - 1); // The recipient comes last.
    return to -> send(open + ",\"to\":\"" + to.address() + "\"}", to);
  }

  @Override
  public void close() {
    client.close();
  }

  private EmailReply send(String json, EmailAddress to) throws Unreachable, InterruptedException {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set("Authorization", "Bearer " + settings.token());
    headers.set("Content-Type", "application/json");
    OutgoingRequest request =
        new OutgoingRequest(
            "POST",
            settings.sendUrl(),
            headers,
            json.getBytes(StandardCharsets.UTF_8),
            ANSWER_BYTES_MAX,
            ANSWER_BYTES_MAX);
    try {
      return judge(client.send(request, settings.timeout()), to);
    } catch (IOException e) {
      throw unreachable(0, Objects.requireNonNullElse(e.getMessage(), e.toString()), null, e);
    }
  }

  private EmailReply judge(Answer answer, EmailAddress to) throws Unreachable {
    int status = answer.status();
    String text = text(answer);
    if (status >= SUCCESS_MIN && status <= SUCCESS_MAX) {
      JsonNode json = json(answer);
      if (!json.isObject() || !json.path("success").asBoolean(true)) {
        throw unreachable(status, text, null, null); // Said by who stands between, or not sent.
      }
      boolean bounced = isBounced(json, to);
      return new EmailReply(bounced ? State.REJECTED : State.ACCEPTED, status, text);
    }
    if (status < CLIENT_ERROR_MIN
        || status >= SERVER_ERROR_MIN
        || RETRIED.contains(status)
        || SETTINGS.contains(status)) {
      Duration after = RetryAfter.of(answer, clock.instant(), RETRY_AFTER_MAX);
      throw unreachable(status, text, after, null);
    }
    return new EmailReply(State.REJECTED, status, text);
  }

  /** Whether the answer says that it cannot be delivered. */
  private static boolean isBounced(JsonNode json, EmailAddress to) {
    for (JsonNode one : json.path("result").path("permanent_bounces")) {
      if (one.isString() && one.stringValue().equalsIgnoreCase(to.address())) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode json(Answer answer) {
    try {
      return PayloadJson.MAPPER.readTree(answer.bytes());
    } catch (JacksonException _) {
      return MissingNode.getInstance();
    }
  }

  /** Hidden first, then cut by {@link EmailReply}: a cut token could not be found. */
  private String text(Answer answer) {
    return new String(answer.bytes(), StandardCharsets.UTF_8)
        .replace(settings.token(), "***")
        .replaceAll("\\p{Cntrl}+", " ")
        .strip();
  }

  private Unreachable unreachable(
      int code, String text, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    EmailReply reply = new EmailReply(State.PENDING, code, text);
    return new Unreachable(settings.api().getHost(), reply, retryAfter, cause);
  }

  private String json(Email email) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = PayloadJson.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeName("from");
      writeAddress(json, from);
      if (!email.replyTo().isEmpty()) {
        json.writeName("reply_to");
        writeAddress(json, email.replyTo().getFirst());
      }
      json.writeStringProperty("subject", email.subject());
      if (email.text() != null) {
        json.writeStringProperty("text", email.text());
      }
      if (email.html() != null) {
        json.writeStringProperty("html", email.html());
      }
      if (!email.headers().isEmpty()) {
        json.writeObjectPropertyStart("headers");
        email.headers().forEach(json::writeStringProperty);
        json.writeEndObject();
      }
      writeAttachments(json, email);
      json.writeEndObject();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void writeAttachments(JsonGenerator json, Email email) {
    if (email.attachments().isEmpty()) {
      return;
    }
    json.writeArrayPropertyStart("attachments");
    for (Attachment attachment : email.attachments()) {
      json.writeStartObject();
      json.writeStringProperty("filename", attachment.name());
      json.writeStringProperty("type", attachment.contentType());
      json.writeStringProperty("disposition", "attachment");
      json.writeStringProperty("content", Base64.getEncoder().encodeToString(attachment.bytes()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeAddress(JsonGenerator json, EmailAddress address) {
    json.writeStartObject();
    json.writeStringProperty("address", address.address());
    if (address.name() != null) {
      json.writeStringProperty("name", address.name());
    }
    json.writeEndObject();
  }
}
