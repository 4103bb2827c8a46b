package dev.afterbay.worker;

/** Thrown by a handler: this job can never succeed, so it is failed with this message. */
public final class PermanentFailure extends Exception {

  private static final long serialVersionUID = 1L;

  /** With the reason that the dead letter has. */
  public PermanentFailure(String reason) {
    super(reason);
  }

  /** With the reason that the dead letter has, and its cause for the log. */
  public PermanentFailure(String reason, Throwable cause) {
    super(reason, cause);
  }
}
