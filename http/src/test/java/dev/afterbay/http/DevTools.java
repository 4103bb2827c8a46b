package dev.afterbay.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The DevTools protocol of a browser, or of one of its tabs. */
final class DevTools implements AutoCloseable, WebSocket.Listener {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long ANSWER_SECONDS_MAX = 30;

  private final LinkedBlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
  private final StringBuilder partial = new StringBuilder();
  private final WebSocket socket;
  private int calls;

  DevTools(HttpClient client, URI address) throws Exception {
    socket =
        client
            .newWebSocketBuilder()
            .buildAsync(address, this)
            .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
  }

  /** Calls a method, which must go well. */
  JsonNode call(String method, Map<String, ?> parameters) {
    JsonNode answer = ask(method, parameters);
    if (answer.has("error")) {
      throw new AssertionError(method + " " + parameters + ": " + answer.path("error"));
    }
    return answer.path("result");
  }

  /** Calls a method; the answer has a result or an error. */
  JsonNode ask(String method, Map<String, ?> parameters) {
    calls++;
    Map<String, Object> call = Map.of("id", calls, "method", method, "params", parameters);
    socket.sendText(JSON.writeValueAsString(call), true).join();
    try {
      while (true) {
        JsonNode answer = answers.poll(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        if (answer == null) {
          throw new AssertionError("the browser does not answer " + method + " " + parameters);
        }
        if (answer.path("id").asInt(0) == calls) {
          return answer;
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
    partial.append(text);
    if (last) {
      answers.add(JSON.readTree(partial.toString()));
      partial.setLength(0);
    }
    socket.request(1);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
