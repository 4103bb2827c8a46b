/**
 * The server end of the HTTP protocol, the operators' page, and SNS over HTTP. The mapping to the
 * wire is that of the client, {@code dev.afterbay.client.wire}.
 */
@NullMarked
package dev.afterbay.http;

import org.jspecify.annotations.NullMarked;
