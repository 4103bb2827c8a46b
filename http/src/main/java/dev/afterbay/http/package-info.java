/**
 * Both ends of the HTTP protocol, door and broker: one module, so that the mapping to the wire
 * exists once.
 */
@NullMarked
package dev.afterbay.http;

import org.jspecify.annotations.NullMarked;
