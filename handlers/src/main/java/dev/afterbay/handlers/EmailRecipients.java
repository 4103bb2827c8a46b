package dev.afterbay.handlers;

import dev.afterbay.JobContext;
import dev.afterbay.PlainText;
import dev.afterbay.handlers.EmailReply.State;
import dev.afterbay.worker.PermanentFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The recipients of a job and what came of each so far. Kept between attempts as a few bytes for
 * each recipient, in their order; shown at the end of each attempt as the result of the job.
 */
final class EmailRecipients {

  /*
   * The checkpoint is written once for each recipient, so it must be small: a version, their
   * number, and for each a byte for its state, two for the code, and the beginning of the reply.
   * Replies share 32 KiB, which leaves a short one to each of a thousand recipients.
   *
   * Both have at most 64 KiB (JobContext.VALUE_BYTES_MAX), however long addresses and replies are:
   * EmailJson limits the addresses, and the result leaves out as much as it must (see LEVELS).
   */

  private static final int VERSION = 1;
  private static final int REPLIES_BYTES = 32 << 10;

  /** A character of a reply has at most three bytes; halves of pairs were replaced. */
  private static final int BYTES_PER_CHAR = 3;

  /** How many characters of a reply the result shows, tried until it fits. */
  private static final int[] LEVELS = {EmailReply.TEXT_CHARS_MAX, 100, 50, 25, 0};

  private static final EmailReply UNTRIED = new EmailReply(State.PENDING, 0, "");

  private final List<EmailAddress> addresses;
  private final EmailReply[] replies;

  EmailRecipients(List<EmailAddress> addresses) {
    this.addresses = addresses;
    replies = new EmailReply[addresses.size()];
    Arrays.fill(replies, UNTRIED);
  }

  /** Takes what an attempt before has kept. */
  void restore(byte[] checkpoint) throws PermanentFailure {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(checkpoint))) {
      if (in.readByte() != VERSION || in.readInt() != replies.length) {
        throw new IOException("of another version or number of recipients");
      }
      for (int i = 0; i < replies.length; i++) {
        State state = State.of(in.readByte());
        replies[i] = new EmailReply(state, in.readShort(), in.readUTF());
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new PermanentFailure(
          "the checkpoint of this job was not written by this handler, so nobody knows who has"
              + " the e-mail already: send a new job",
          e);
    }
  }

  byte[] checkpoint() {
    int charsMax = Math.min(EmailReply.TEXT_CHARS_MAX, REPLIES_BYTES / BYTES_PER_CHAR / size());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(replies.length);
      for (EmailReply reply : replies) {
        out.writeByte(reply.state().letter());
        out.writeShort(reply.code());
        out.writeUTF(PlainText.cut(reply.text(), charsMax));
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory takes what is written", e);
    }
    return bytes.toByteArray();
  }

  /** As JSON (http-api.md, an e-mail job's result). */
  byte[] result() {
    byte[] json = {};
    for (int charsMax : LEVELS) {
      json = json(charsMax, true);
      if (json.length <= JobContext.VALUE_BYTES_MAX) {
        return json;
      }
    }
    return json(0, false);
  }

  private byte[] json(int replyChars, boolean codes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = PayloadJson.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("recipients");
      for (int i = 0; i < replies.length; i++) {
        EmailReply reply = replies[i];
        json.writeStartObject();
        json.writeStringProperty("address", addresses.get(i).given());
        json.writeStringProperty("status", reply.state().word());
        if (codes && reply.code() > 0) {
          json.writeNumberProperty("code", reply.code());
        }
        if (replyChars > 0 && !reply.text().isEmpty()) {
          json.writeStringProperty("reply", PlainText.cut(reply.text(), replyChars));
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  int size() {
    return replies.length;
  }

  EmailAddress address(int i) {
    return addresses.get(i);
  }

  EmailReply reply(int i) {
    return replies[i];
  }

  void set(int i, EmailReply reply) {
    replies[i] = reply;
  }

  boolean isDecided(int i) {
    return replies[i].isDecided();
  }

  int count(State state) {
    int count = 0;
    for (EmailReply reply : replies) {
      count += reply.state() == state ? 1 : 0;
    }
    return count;
  }

  /** The first of that state that has a reply; null: none has. */
  @Nullable String firstReply(State state) {
    for (int i = 0; i < replies.length; i++) {
      if (replies[i].state() == state && !replies[i].equals(UNTRIED)) {
        return addresses.get(i).given() + ": " + replies[i].shown();
      }
    }
    return null;
  }

  /** What to tell while it is going on. */
  String progress() {
    int accepted = count(State.ACCEPTED);
    int rejected = count(State.REJECTED);
    String text = "sent " + accepted + " of " + size();
    return rejected == 0 ? text : text + ", " + rejected + " rejected";
  }
}
