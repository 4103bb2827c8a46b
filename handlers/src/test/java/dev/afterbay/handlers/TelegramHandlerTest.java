package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.worker.PermanentFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server on loopback that answers as the Bot API does, or worse. */
@Timeout(60)
final class TelegramHandlerTest {

  private static final String SECRET = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
  private static final String TOKEN = "123456789:" + SECRET;
  private static final String HELLO = "{\"chat_id\": 7, \"text\": \"hello\"}";

  private final Work work = new Work();
  private final Target target = new Target(this::accept);
  private final AtomicInteger sent = new AtomicInteger();

  @AfterEach
  void close() {
    target.close();
    work.close();
  }

  @Test
  void aTextIsSentAndTheResultHasItsId() throws Exception {
    Telling told = telling("{\"chat_id\":\"@c\",\"text\":\"hé\",\"disable_notification\":true}");
    assertThat(handle(told)).isEqualTo(Outcome.done());
    assertThat(target.only().method()).isEqualTo("POST");
    assertThat(target.only().uri().getPath()).isEqualTo("/bot" + TOKEN + "/sendMessage");
    assertThat(target.only().header("Content-Type")).isEqualTo("application/json");
    assertThat(body(target.only()))
        .isEqualTo("{\"chat_id\":\"@c\",\"text\":\"hé\",\"disable_notification\":true}");
    assertThat(told.contentType).isEqualTo("application/json");
    assertThat(told.resultText()).isEqualTo("{\"message_ids\":[1]}");
  }

  @Test
  void aPhotoIsNamedByItsUrlOrUploaded() throws Exception {
    handle(telling("{\"chat_id\":7,\"photo\":\"https://h/p.jpg\",\"caption\":\"c\"}"));
    assertThat(target.only().uri().getPath()).endsWith("/sendPhoto");
    assertThat(body(target.only())).contains("\"photo\":\"https://h/p.jpg\"");
    handle(
        telling(
            "{\"chat_id\":7,\"caption\":\"ü\",\"protect_content\":true,"
                + "\"document\":{\"name\":\"a\\\"\\r\\nb.bin\",\"base64\":\"AAEC\"}}"));
    Target.Request upload = target.requests.getLast();
    assertThat(upload.uri().getPath()).endsWith("/sendDocument");
    String boundary = upload.header("Content-Type").replace("multipart/form-data; boundary=", "");
    String between = "\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=";
    assertThat(between + body(upload).substring(body(upload).indexOf('=') + 1))
        .isEqualTo(
            between
                + "\"chat_id\"\r\n\r\n7"
                + between
                + "\"caption\"\r\n\r\nü"
                + between
                + "\"protect_content\"\r\n\r\ntrue"
                + between
                + "\"document\"; filename=\"a%22%0D%0Ab.bin\"\r\nContent-Type: "
                + Message.BYTES
                + "\r\n\r\n\0\1\2\r\n--"
                + boundary
                + "--\r\n");
  }

  @Test
  void aLongTextIsSentInPartsAndAnotherAttemptGoesOnWhereTheLastOneEnded() throws Exception {
    String text = "a".repeat(4_000) + "\\n" + "b".repeat(4_000) + " " + "c".repeat(4_000);
    Telling first = telling("{\"chat_id\":7,\"text\":\"" + text + "\"}");
    target.answers(exchange -> {
      if (target.requests.size() == 2) {
        answer(exchange, 502, "Bad Gateway");
      } else {
        accept(exchange);
      }
    });
    assertThat(handle(first)).isEqualTo(Outcome.retry("Telegram answered 502: Bad Gateway"));
    assertThat(first.result).isNull();
    Telling second = first.again();
    assertThat(handle(second)).isEqualTo(Outcome.done());
    assertThat(target.requests.stream().map(TelegramHandlerTest::body))
        .extracting(body -> body.replaceAll(".*\"text\":\"(.).*", "$1"))
        .containsExactly("a", "b", "b", "c");
    assertThat(second.resultText()).isEqualTo("{\"message_ids\":[1,2,3]}");
    assertThat(second.progress).last().isEqualTo("1.0 sent 3 of 3");
  }

  @Test
  void aCheckpointThatCannotBeReadFailsTheJobAndSendsNothing() {
    Telling told = telling("{\"chat_id\":7,\"text\":\"t\"}");
    for (String kept : List.of("", "{", "[]", "{\"message_ids\":7}")) {
      told.checkpoint = kept.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> handle(told))
          .isInstanceOf(PermanentFailure.class)
          .hasMessageStartingWith("the checkpoint of this job was not written by this handler");
    }
    assertThat(target.requests).isEmpty();
  }

  @Test
  void aTextIsSplitAtALineElseAtAWordAndNeverWithinACharacter() {
    assertThat(TelegramText.split("one two\nthree four", 12))
        .containsExactly("one two", "three four");
    assertThat(TelegramText.split("one two three", 8)).containsExactly("one two", "three");
    assertThat(TelegramText.split("one two", 7)).containsExactly("one two");
    assertThat(TelegramText.split("abcdef", 4)).containsExactly("abcd", "ef");
    assertThat(TelegramText.split("abc\uD83D\uDE00d", 4)).containsExactly("abc", "\uD83D\uDE00d");
    assertThat(TelegramText.split("\n\n\n\n\n\nab", 3)).containsExactly("ab");
    assertThat(TelegramText.split("abcd    ", 4)).containsExactly("abcd");
  }

  @Test
  void aTextWithMarksIsNotSplit() throws Exception {
    String text = "<b>" + "x ".repeat(3_000) + "</b>";
    handle(telling("{\"chat_id\":7,\"parse_mode\":\"HTML\",\"text\":\"" + text + "\"}"));
    assertThat(target.requests).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "400, Fail", "403, Fail", "404, Fail", "302, Fail", "413, Fail",
    "401, Retry", "408, Retry", "429, Retry", "500, Retry", "503, Retry"
  })
  void theStatusSaysHowItEnded(int status, String outcome) throws Exception {
    target.answers(exchange -> answer(exchange, status, "{\"ok\":false,\"description\":\"why\"}"));
    Outcome ended = handle(telling(HELLO));
    assertThat(ended.getClass().getSimpleName()).isEqualTo(outcome);
    assertThat(ended.toString()).contains("Telegram answered " + status + ": why");
  }

  @Test
  void whatTelegramAsksToWaitIsTheDelay() throws Exception {
    target.answers(exchange ->
        answer(
            exchange,
            429,
            "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests\","
                + "\"parameters\":{\"retry_after\":17}}"));
    assertThat(((Outcome.Retry) handle(telling(HELLO))).delay()).isEqualTo(Duration.ofSeconds(17));
    target.answers(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "3");
      answer(exchange, 429, "slow down");
    });
    assertThat(((Outcome.Retry) handle(telling(HELLO))).delay()).isEqualTo(Duration.ofSeconds(3));
    target.answers(exchange -> answer(exchange, 429, ""));
    assertThat(((Outcome.Retry) handle(telling(HELLO))).delay()).isNull();
  }

  /** As of a webhook's target: "at once" is after a second, and a date counts, too. */
  @Test
  void zeroMeansASecondAndADateCounts() throws Exception {
    target.answers(exchange ->
        answer(
            exchange, 429, "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":0}}"));
    assertThat(((Outcome.Retry) handle(telling(HELLO))).delay()).isEqualTo(Duration.ofSeconds(1));
    for (String said : List.of("0", "Fri, 21 Nov 2025 12:00:00 GMT")) {
      target.answers(exchange -> {
        exchange.getResponseHeaders().set("Retry-After", said);
        answer(exchange, 429, "slow down");
      });
      assertThat(((Outcome.Retry) handle(telling(HELLO))).delay()).isEqualTo(Duration.ofSeconds(1));
    }
    target.answers(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "Fri, 31 Dec 9999 12:00:00 GMT");
      answer(exchange, 429, "slow down");
    });
    assertThat(((Outcome.Retry) handle(telling(HELLO))).delay()).isEqualTo(Duration.ofDays(1));
    target.answers(exchange ->
        answer(exchange, 429, "{\"error_code\":429,\"parameters\":{\"retry_after\":-5}}"));
    assertThat(((Outcome.Retry) handle(telling(HELLO))).delay()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "86400, 86400",
    "86401, 86400",
    "9223372036854775807, 86400",
    "9223372036854775808, 86400",
    "99999999999999999999, 86400",
    "99999999999999999999999999999999999999, 86400",
    "1e400, 86400",
    "1e-400, 1",
    "17.9, 17",
    "'\"17\"', 17",
  })
  void aWaitOfAnyLengthIsHeededUpToADay(String said, long seconds) throws Exception {
    assertThat(delayAfter(said)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void aWaitOfHundredsOfDigitsIsADayAndNonsenseIsNone() throws Exception {
    assertThat(delayAfter("9".repeat(400))).isEqualTo(Duration.ofDays(1));
    for (String nonsense : List.of("-" + "9".repeat(30), "null", "\"soon\"", "[]")) {
      assertThat(delayAfter(nonsense)).as(nonsense).isNull();
    }
  }

  private @Nullable Duration delayAfter(String said) throws Exception {
    target.answers(exchange ->
        answer(
            exchange, 429, "{\"error_code\":429,\"parameters\":{\"retry_after\":" + said + "}}"));
    return ((Outcome.Retry) handle(telling(HELLO))).delay();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      textBlock =
          """
          no json => the payload must be a JSON object
          [] => the payload must be a JSON object
          {'text':'x'} => chat_id must be
          {'chat_id':1.5,'text':'x'} => chat_id must be
          {'chat_id':1} => the payload must have one of text, photo and document: []
          {'chat_id':1,'text':'x','photo':'y'} => the payload must have one of text, photo and document
          {'chat_id':1,'text':' '} => text must be a text that is not blank
          {'chat_id':1,'text':7} => text must be a text that is not blank
          {'chat_id':1,'text':'x','caption':'c'} => caption must be
          {'chat_id':1,'text':'x','token':'t'} => the payload has an unknown field: token
          {'chat_id':1,'text':'x','disable_notification':'no'} => disable_notification must be
          {'chat_id':1,'photo':{'name':'a'}} => photo must be a URL
          {'chat_id':1,'photo':{'name':'a','base64':'%'}} => photo.base64 is not Base64
          """)
  void aPayloadThatIsNoneFailsTheJob(String payload, String reason) {
    assertThatThrownBy(() -> handle(telling(payload.replace('\'', '"'))))
        .isInstanceOf(PermanentFailure.class)
        .hasMessageStartingWith(reason);
    assertThat(target.requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 302, 400, 401, 429, 500})
  void aServerThatEchoesTheTokenTellsNobody(int status) throws Exception {
    for (String echo :
        List.of(
            "{\"ok\":false,\"description\":\"x%s %s\"}".formatted("y".repeat(250), TOKEN),
            "{\"ok\":false,\"description\":\"%s\"}".formatted(TOKEN.replace(":", "%3A")),
            "%s%s".formatted("z".repeat(290), TOKEN),
            TOKEN)) {
      target.answers(exchange -> {
        exchange.getResponseHeaders().set("Location", "/bot" + TOKEN + "/");
        answer(exchange, status, echo);
      });
      Telling told = telling(HELLO);
      assertHidden(handle(told).toString() + told.lines + told.resultText());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:1",
        "http://no.such.host.invalid",
        "https://127.0.0.1:PORT",
        "http://169.254.169.254"
      })
  void aServerThatCannotBeCalledTellsNobody(String api) throws Exception {
    String url = api.replace("PORT", "" + target.port());
    Outcome outcome = handle(telling(HELLO), URI.create(url), Duration.ofSeconds(5));
    assertThat(outcome).isInstanceOf(Outcome.Retry.class);
    assertHidden(outcome.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 TOKEN\r\n\r\n", "TOKEN", "HTTP/1.1 200 OK\r\nTOKEN\r\n"})
  void aServerThatDoesNotSpeakHttpTellsNobody(String answer) throws Exception {
    try (ScriptedTarget raw = new ScriptedTarget()) {
      raw.answers(answer.replace("TOKEN", TOKEN), true);
      assertHidden(handle(telling(HELLO), raw.url("127.0.0.1"), Duration.ofSeconds(5)).toString());
      raw.answers(answer.replace("TOKEN", TOKEN), false);
      assertHidden(handle(telling(HELLO), raw.url("127.0.0.1"), Duration.ofMillis(500)).toString());
    }
  }

  @Test
  void anAnswerWithoutEndIsNotReadToItsEnd() throws Exception {
    target.answers(exchange -> {
      exchange.sendResponseHeaders(200, 10L << 30);
      byte[] chunk = new byte[1 << 16];
      try (OutputStream body = exchange.getResponseBody()) {
        while (true) {
          body.write(chunk);
        }
      } catch (IOException e) {
        // It had enough.
      }
    });
    assertThat(handle(telling(HELLO))).isEqualTo(Outcome.done());
  }

  @Test
  void anAnswerThatDripsCountsByItsStatusWhenTheTimeIsOver() throws Exception {
    try (ScriptedTarget raw = new ScriptedTarget()) {
      raw.answers("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", false);
      Telling told = telling(HELLO);
      assertThat(handle(told, raw.url("127.0.0.1"), Duration.ofSeconds(3)))
          .isEqualTo(Outcome.done());
      assertThat(told.resultText()).isEqualTo("{\"message_ids\":[null]}");
    }
  }

  @Test
  void settingsDoNotShowTheToken() {
    TelegramToken token = TelegramToken.parse(TOKEN);
    assertHidden(TelegramHandler.Settings.of(token).toString() + token);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TelegramToken.parse(TOKEN + " "))
        .satisfies(e -> assertHidden(e.toString()));
    for (String api : List.of("ftp://h", "http://u:p@h", "http://h?q", "http://h#f", "h")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TelegramHandler.Settings.of(token).api(URI.create(api)))
          .withMessageStartingWith("api must");
    }
  }

  private static void assertHidden(String text) {
    assertThat(text).doesNotContain(SECRET.substring(0, 8));
  }

  private void accept(HttpExchange exchange) throws IOException {
    answer(
        exchange,
        200,
        "{\"ok\":true,\"result\":{\"message_id\":" + sent.incrementAndGet() + ",\"date\":1}}");
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String body(Target.Request request) {
    return new String(request.body(), StandardCharsets.UTF_8);
  }

  private Telling telling(String payload) {
    return new Telling(work.delivery(Message.of("telegram", payload)));
  }

  private Outcome handle(Telling told) throws Exception {
    return handle(told, target.uri().resolve("/"), Duration.ofSeconds(20));
  }

  private static Outcome handle(Telling told, URI api, Duration timeout) throws Exception {
    TelegramHandler.Settings settings =
        new TelegramHandler.Settings(TelegramToken.parse(TOKEN), api, timeout);
    try (TelegramHandler handler = new TelegramHandler(settings)) {
      return handler.handle(told);
    }
  }
}
