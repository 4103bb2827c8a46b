package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * However one byte of a genuine body is changed, what is let in says the same in every signed
 * field. A failure prints seed, position and byte.
 */
class MutationTest {
  private static final long SEED = 20_261_121L;
  private static final int ROUNDS = 20_000;

  private final Random random = new Random(SEED);
  private final TestWebhook webhook = TestWebhook.withCertificate();

  @Test
  void aNotificationWithAnotherByteIsTheSameOrRefused() throws Exception {
    byte[] body =
        TestMessage.notification()
            .with("Message", "\u00e4\uD83D\uDE00 \"quoted\"\n")
            .signed()
            .with("MessageAttributes", Map.of("a", Map.of("Type", "String", "Value", "b")))
            .body();
    Verdict.Notification original = (Verdict.Notification) webhook.post(body, Map.of());
    int accepted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] mutated = body.clone();
      int at = random.nextInt(body.length);
      mutated[at] = (byte) random.nextInt();
      if (webhook.post(mutated, Map.of()) instanceof Verdict.Notification passed) {
        accepted++;
        assertThat(signedPart(passed))
            .as("seed %s, byte %s is %s", SEED, at, mutated[at])
            .isEqualTo(signedPart(original));
      }
      // A mutated certificate URL is a new one to fetch: let the bucket fill up again.
      webhook.nanos.addAndGet(60_000_000_000L);
    }
    assertThat(accepted).as("some bytes are not signed").isBetween(1, ROUNDS / 2);
  }

  @Test
  void aConfirmationWithAnotherByteIsTheSameOrRefused() throws Exception {
    byte[] body = TestMessage.confirmation("SubscriptionConfirmation").signed().body();
    Verdict original = webhook.post(body, Map.of());
    for (int round = 0; round < ROUNDS; round++) {
      byte[] mutated = body.clone();
      int at = random.nextInt(body.length);
      mutated[at] = (byte) random.nextInt();
      Verdict verdict = webhook.post(mutated, Map.of());
      if (!(verdict instanceof Verdict.Refused)) {
        assertThat(verdict).as("seed %s, byte %s is %s", SEED, at, mutated[at]).isEqualTo(original);
      }
      webhook.nanos.addAndGet(60_000_000_000L);
    }
  }

  @Test
  void noChangeOfASignedValueIsLetIn() throws Exception {
    String text = TestMessage.notification().signed().json();
    for (String value : new String[] {TestMessage.ID, "Hi", "order", TestMessage.TIME}) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      int start = text.indexOf(value);
      for (int at = start; at < start + value.length(); at++) {
        for (int bit = 0; bit < 8; bit++) {
          byte[] mutated = body.clone();
          mutated[at] ^= (byte) (1 << bit);
          assertThat(webhook.post(mutated, Map.of()))
              .as("bit %s of byte %s", bit, at)
              .isInstanceOf(Verdict.Refused.class);
        }
      }
    }
  }

  /** Without what is not signed: attributes, and the version, which a digest cannot change. */
  private static String signedPart(Verdict.Notification notification) {
    return String.join(
        "\n",
        notification.key(),
        notification.subject(),
        notification.message(),
        notification.timestamp().toString(),
        Integer.toString(notification.signatureVersion()));
  }
}
