/**
 * Both ends of the HTTP protocol, server and client: one module, so that the mapping to the wire
 * exists once.
 */
@NullMarked
package dev.afterbay.http;

import org.jspecify.annotations.NullMarked;
