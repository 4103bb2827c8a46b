package dev.afterbay.handlers;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an e-mail job asks for, checked: nothing in it can end a header.
 *
 * @param recipients of to, cc and bcc, each once, in that order
 * @param headers beside those that are ours
 */
record Email(
    List<EmailAddress> recipients,
    List<EmailAddress> replyTo,
    String subject,
    @Nullable String text,
    @Nullable String html,
    Map<String, String> headers,
    List<Attachment> attachments) {

  /** A file. */
  @SuppressWarnings("ArrayRecordComponent") // Sent, never compared.
  record Attachment(String name, String contentType, byte[] bytes) {}
}
