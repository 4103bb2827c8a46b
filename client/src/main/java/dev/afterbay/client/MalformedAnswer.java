package dev.afterbay.client;

import java.io.IOException;

/** What came is no answer of HTTP/1.1. */
final class MalformedAnswer extends IOException {

  private static final long serialVersionUID = 1L;

  MalformedAnswer(String why) {
    super("what the server sent is no HTTP/1.1: " + why);
  }
}
