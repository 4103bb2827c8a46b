/**
 * Amazon SNS over HTTP(S), without the server around it: is this request a genuine message of a
 * topic that we know, and if not, what is the answer?
 *
 * <p>{@link dev.afterbay.http.sns.SnsVerifier} takes headers and body and returns a {@link
 * dev.afterbay.http.sns.Verdict}. It knows nothing of the web server, of queues or of the
 * configuration file. The only things outside that it touches are the clock that it is given and,
 * through {@link dev.afterbay.http.sns.OutgoingGet}, the host that serves the signing certificates.
 * The rules are those of the specification "sns.md"; numbers in comments are its sections.
 */
@NullMarked
package dev.afterbay.http.sns;

import org.jspecify.annotations.NullMarked;
