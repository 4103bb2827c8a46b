package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplyTest {

  private static final String CREATED =
      "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nContent-Length: 10\r\n\r\n"
          + "{\"id\":\"1\"}";

  @Test
  void aWholeAnswerIsRead() {
    Reply reply = Objects.requireNonNull(read(CREATED));
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.text()).isEqualTo("{\"id\":\"1\"}");
  }

  @Test
  void anAnswerIsOnlyReadWhenItIsAllThere() {
    for (int length = 0; length < CREATED.length(); length++) {
      assertThat(read(CREATED.substring(0, length))).as("%d bytes", length).isNull();
    }
  }

  @Test
  void anAnswerWithoutALengthCannotBeMeasured() {
    assertThatThrownBy(() -> read("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Content-Length");
  }

  @Test
  void receiptsAreFound() {
    String body = "{\"deliveries\":[{\"receipt\":\"aB-1\",\"id\":\"x\"},{\"receipt\":\"c_2\"}]}";
    Reply reply =
        Objects.requireNonNull(
            read("HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body));
    assertThat(reply.receipts()).containsExactly("aB-1", "c_2");
    assertThat(reply.contains("\"id\":\"x\"")).isTrue();
    assertThat(reply.contains("\"ok\":false")).isFalse();
  }

  private static @Nullable Reply read(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return Reply.read(bytes, bytes.length);
  }
}
