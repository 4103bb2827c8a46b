package dev.afterbay;

import java.time.Instant;

/** Where a job is in its life. Each state carries what only that state can know. */
public sealed interface Status {

  /** Deliverable from {@code due} on; delayed, scheduled and backing off are all this. */
  record Pending(Due due) implements Status {}

  /**
   * Other jobs must end first.
   *
   * @param left how many have not ended
   * @param failed how many ended other than done
   */
  record Waiting(int left, int failed) implements Status {}

  /** Is being worked on. */
  record Processing(Lease lease) implements Status {}

  /** The work was done. */
  record Done(Instant at) implements Status {}

  /**
   * Not tried again unless somebody redrives it: the dead-letter queue.
   *
   * @param reason why it is not tried again
   * @param error what went wrong last
   */
  record Failed(Instant at, Reason reason, String error) implements Status {}

  /** Why a failed job is not tried again. */
  enum Reason {
    /** Its handler said so. */
    REJECTED(0, "rejected"),
    /** It had as many attempts as it may have. */
    MAX_ATTEMPTS(1, "max attempts"),
    /** Its time to live was over. */
    EXPIRED(2, "expired"),
    /** It was too old for one more attempt ({@link QueueSettings#giveUpAfter}). */
    GIVEN_UP(3, "given up"),
    /** Whoever took it had no handler for its type. */
    UNKNOWN_TYPE(4, "unknown type");

    private final int code;
    private final String words;

    Reason(int code, String words) {
      this.code = code;
      this.words = words;
    }

    /** What stores keep; never changes its meaning. */
    public int code() {
      return code;
    }

    /** As people are told. */
    public String words() {
      return words;
    }

    /**
     * Of a job whose consumer said {@link Outcome#fail}, in whatever language it is written: its
     * error begins with the words of {@link #UNKNOWN_TYPE}, or it is {@link #REJECTED}.
     */
    static Reason ofFailure(String error) {
      int end = UNKNOWN_TYPE.words.length();
      boolean begins = error.startsWith(UNKNOWN_TYPE.words);
      boolean asWords = error.length() <= end || !Character.isLetterOrDigit(error.charAt(end));
      return begins && asWords ? UNKNOWN_TYPE : REJECTED;
    }

    /**
     * @throws IllegalArgumentException if there is none
     */
    public static Reason ofCode(int code) {
      for (Reason reason : values()) {
        if (reason.code == code) {
          return reason;
        }
      }
      throw new IllegalArgumentException("no reason has the code " + code);
    }

    /**
     * @throws IllegalArgumentException if there is none
     */
    public static Reason ofWords(String words) {
      for (Reason reason : values()) {
        if (reason.words.equals(words)) {
          return reason;
        }
      }
      throw new IllegalArgumentException("no reason is called " + words);
    }
  }

  /** It was cancelled before it was done. */
  record Cancelled(Instant at) implements Status {}

  /** Ended and forgotten in the same step; no job is ever found in this state. */
  record Gone() implements Status {}

  /** The state without what it carries. */
  default Kind kind() {
    return switch (this) {
      case Pending _ -> Kind.PENDING;
      case Waiting _ -> Kind.WAITING;
      case Processing _ -> Kind.PROCESSING;
      case Done _ -> Kind.DONE;
      case Failed _ -> Kind.FAILED;
      case Cancelled _ -> Kind.CANCELLED;
      case Gone _ -> Kind.GONE;
    };
  }

  /** The states without what they carry: for queries and counts. */
  enum Kind {
    /** See {@link Pending}. */
    PENDING(0),
    /** See {@link Waiting}. */
    WAITING(1),
    /** See {@link Processing}. */
    PROCESSING(2),
    /** See {@link Done}. */
    DONE(3),
    /** See {@link Failed}. */
    FAILED(4),
    /** See {@link Cancelled}. */
    CANCELLED(5),
    /** See {@link Gone}. */
    GONE(6);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** What stores keep; never changes its meaning. */
    public int code() {
      return code;
    }

    /**
     * @throws IllegalArgumentException if there is none
     */
    public static Kind ofCode(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no state has the code " + code);
    }

    /** Nothing happens to it any more unless somebody redrives or deletes it. */
    public boolean isFinal() {
      return this == DONE || this == FAILED || this == CANCELLED || this == GONE;
    }
  }
}
