package dev.afterbay.client;

/**
 * How long the body of an answer may be: a server that is none, or a proxy that went astray, must
 * not fill the heap of whoever asked.
 *
 * @param why there are no more, to say after the number
 */
record AnswerLimit(long bytes, String why) {
  /*
   * An answer is held while it is read: up to one and a half times its bytes while they come, then
   * they and what is made of them, which is about as much again. So one that is an eighth of the
   * heap takes a quarter of it. In a small heap that would be less than the page of messages that
   * a server sends whatever it is asked, which would then never come: so much is let in, up to a
   * quarter of the heap.
   *
   * What brings no messages is small by what is asked for: at most a thousand names or results.
   */

  static final long PLAIN_BYTES_MAX = 16L << 20;

  /** One message of 64 MiB, each of whose bytes takes six as JSON, and what is told around it. */
  static final long MESSAGES_BYTES_MAX = 512L << 20;

  /** 12 MiB of messages, which take a third more as base64, with all that is around them. */
  private static final long PAGE_BYTES = 24L << 20;

  private static final int HEAP_SHARE = 8;
  private static final int HEAP_SHARE_OF_PAGE = 4;

  /**
   * In a heap of that size.
   *
   * @param answer what was asked for
   */
  static AnswerLimit of(HttpTransport.Answer answer, long heapBytes) {
    boolean messages = answer == HttpTransport.Answer.MESSAGES;
    long share = heapBytes / HEAP_SHARE;
    long room =
        messages ? Math.max(share, Math.min(PAGE_BYTES, heapBytes / HEAP_SHARE_OF_PAGE)) : share;
    long most = messages ? MESSAGES_BYTES_MAX : PLAIN_BYTES_MAX;
    return room < most
        ? new AnswerLimit(room, "a heap of " + heapBytes + " bytes has room for (see -Xmx)")
        : new AnswerLimit(most, "an answer of Afterbay to that can have");
  }

  String refusal() {
    return "the server's answer is longer than " + bytes + " bytes, which is all that " + why;
  }
}
