package dev.afterbay.http.sns;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Every reason to refuse a request, with its answer (sns.md 3 and 3.3). The codes are those of the
 * reference cases where these have one.
 */
enum RefusalReason {
  BODY_TOO_LARGE(413, "body-too-large"),
  RAW_UNSIGNED(403, "raw-unsigned"),

  BAD_UTF8(400, "bad-utf8"),
  BAD_JSON(400, "bad-json"),
  NOT_AN_OBJECT(400, "not-an-object"),
  TRAILING_DATA(400, "trailing-data"),
  WRONG_TYPE(400, "wrong-type"),
  CONTROL_CHARACTER(400, "control-char"),
  BAD_CHARACTER(400, "bad-character"),

  MISSING(400, "missing"),
  UNEXPECTED(400, "unexpected"),
  UNKNOWN_TYPE(400, "unknown-type"),
  BAD_MESSAGE_ID(400, "bad-message-id"),
  BAD_TIMESTAMP(400, "bad-timestamp"),
  BAD_TOKEN(400, "bad-token"),
  BAD_TOPIC_ARN(400, "bad-topic-arn"),
  FIFO_TOPIC(400, "fifo-topic"),
  HEADER_MISMATCH(400, "header-mismatch"),

  TOPIC_NOT_ALLOWED(403, "topic-not-allowed"),
  TOPIC_NOT_ALLOWED_YET(503, "topic-not-allowed", false, 60),
  BAD_SIGNATURE_VERSION(400, "bad-signature-version"),
  VERSION_1_NOT_ALLOWED(403, "signature-v1-not-allowed"),
  BAD_CERTIFICATE_URL(403, "bad-cert-url"),
  BAD_SUBSCRIBE_URL(403, "bad-subscribe-url"),
  BAD_BASE64(400, "bad-base64"),
  BAD_SIGNATURE(403, "bad-signature"),

  BAD_CERTIFICATE(403, "bad-cert"),
  BAD_CERTIFICATE_NAME(403, "bad-cert-name"),
  WEAK_CERTIFICATE_KEY(403, "weak-cert-key"),
  CERTIFICATE_OF_AUTHORITY(403, "cert-is-ca"),
  CERTIFICATE_EXPIRED("cert-expired", 60),
  CERTIFICATE_NOT_YET_VALID("cert-not-yet-valid", 60),
  CERTIFICATE_UNAVAILABLE("cert-unavailable", 30),
  CERTIFICATE_FETCHES_LIMITED("cert-fetches-limited", 10),
  CRYPTO_FAILED("crypto-failed", 60),

  STALE(400, "stale"),
  CLOCK_SKEW("clock-skew", 60);

  private final int status;
  private final String code;
  private final boolean alarm;
  private final @Nullable Duration retryAfter;

  /** The content is at fault: a final answer. */
  RefusalReason(int status, String code) {
    this(status, code, false, 0);
  }

  /** Our own state may be at fault: SNS is to send again, and a person to look. */
  RefusalReason(String code, int retryAfterSeconds) {
    this(503, code, true, retryAfterSeconds);
  }

  RefusalReason(int status, String code, boolean alarm, int retryAfterSeconds) {
    this.status = status;
    this.code = code;
    this.alarm = alarm;
    this.retryAfter = retryAfterSeconds == 0 ? null : Duration.ofSeconds(retryAfterSeconds);
  }

  int status() {
    return status;
  }

  /**
   * @param detail for the log and the answer, so without text of the request: what in it has the
   *     strict shape of a topic's ARN or of a message's id may be named, nothing else (a body, as
   *     all of it may be one by raw delivery, is never logged)
   */
  RefusedException because(String detail) {
    return new RefusedException(this, code, detail);
  }

  /** With the field or header at fault, which becomes part of the code. */
  RefusedException at(String place, String detail) {
    return new RefusedException(this, code + ":" + place, detail);
  }

  Verdict.Refused refused(String fullCode, String detail, @Nullable String topicArn) {
    return new Verdict.Refused(status, fullCode, detail, alarm, retryAfter, topicArn);
  }
}
