/**
 * How messages, jobs, queues, events and problems stand on the wire: once, for both ends. This is
 * no API: it is exported to the server end alone, and changes with it.
 */
@NullMarked
package dev.afterbay.client.wire;

import org.jspecify.annotations.NullMarked;
