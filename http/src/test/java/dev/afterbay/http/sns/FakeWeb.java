package dev.afterbay.http.sns;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An {@link OutgoingGet} that serves what it was given, and remembers what it was asked for. */
final class FakeWeb implements OutgoingGet {
  private final Map<String, Answer> pages = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  FakeWeb serving(String url, String body) {
    return answering(url, new Answer.Ok(body));
  }

  FakeWeb answering(String url, Answer answer) {
    pages.put(url, answer);
    return this;
  }

  List<String> asked() {
    return asked;
  }

  @Override
  public Answer get(String url, int bytesMax, Duration atMost) {
    asked.add(url);
    return switch (pages.getOrDefault(url, new Answer.Failed("connection refused"))) {
      case Answer.Ok ok when ok.body().length() > bytesMax -> new Answer.TooLarge(bytesMax);
      case Answer answer -> answer;
    };
  }
}
