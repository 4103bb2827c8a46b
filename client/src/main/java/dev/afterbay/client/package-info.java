/**
 * A broker elsewhere, reached over HTTP by a client of its own, and bodies as JSON. {@link
 * dev.afterbay.client.HttpBroker} and {@link dev.afterbay.client.JsonCodec} are all of the API.
 */
@NullMarked
package dev.afterbay.client;

import org.jspecify.annotations.NullMarked;
