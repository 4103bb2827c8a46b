package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Codec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Values of Java as JSON bodies. */
final class JsonCodecTest {

  private record Order(String id, int count) {}

  @Test
  void aJsonCodecTurnsValuesIntoJsonAndBack() throws Exception {
    JsonCodec<Order> codec = JsonCodec.of(Order.class);
    assertThat(codec.contentType()).isEqualTo("application/json");
    byte[] body = codec.encode(new Order("ä", 2));
    assertThat(new String(body, StandardCharsets.UTF_8)).isEqualTo("{\"id\":\"ä\",\"count\":2}");
    assertThat(codec.decode(body)).isEqualTo(new Order("ä", 2));
    assertThatThrownBy(() -> codec.decode(new byte[] {'{'}))
        .isInstanceOf(Codec.UndecodableException.class);
    assertThatThrownBy(() -> codec.decode("[]".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(Codec.UndecodableException.class);
    assertThatThrownBy(() -> codec.decode(new byte[0]))
        .isInstanceOf(Codec.UndecodableException.class);
  }
}
