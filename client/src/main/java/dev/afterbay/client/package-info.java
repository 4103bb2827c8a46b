/**
 * A broker elsewhere, reached over HTTP with the JDK's own client, and bodies as JSON. {@link
 * dev.afterbay.client.HttpBroker} and {@link dev.afterbay.client.JsonCodec} are all of the API.
 */
@NullMarked
package dev.afterbay.client;

import org.jspecify.annotations.NullMarked;
