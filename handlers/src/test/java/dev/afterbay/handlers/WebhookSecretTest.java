package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class WebhookSecretTest {

  /** From sns/vectors/other-sources: the reference test of Standard Webhooks. */
  @Test
  void itSignsAsTheReferenceDoes() throws IOException {
    JsonNode vector;
    try (InputStream vectors = getClass().getResourceAsStream("/hmac.json")) {
      vector = PayloadJson.MAPPER.readTree(vectors).get(1);
    }
    assertThat(vector.get("scheme").stringValue()).isEqualTo("standard-webhooks");
    WebhookSecret secret = WebhookSecret.parse(vector.get("secret").stringValue() + "\n");
    String signature =
        secret.sign(
            vector.get("id").stringValue(),
            vector.get("timestamp").longValue(),
            vector.get("body").stringValue().getBytes(StandardCharsets.UTF_8));
    assertThat(signature).isEqualTo(vector.get("value").stringValue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_c2hvcnQ=",
        "whsec_not base64 at all, though long enough to be a secret"
      })
  void anythingElseIsRefusedAndNotRepeated(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebhookSecret.parse(text))
        .withMessageStartingWith("secret must be whsec_ and")
        .withMessageNotContaining("though");
  }

  @Test
  void itIsNeverShown() {
    WebhookSecret secret = WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assertThat(secret.toString()).doesNotContain("MfKQ");
  }
}
