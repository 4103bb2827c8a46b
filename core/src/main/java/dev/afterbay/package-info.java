/**
 * The model and the API. Start with {@link dev.afterbay.Broker}; a {@link dev.afterbay.Message} is
 * what you send, a {@link dev.afterbay.Job} is its life, a {@link dev.afterbay.Delivery} is one
 * attempt at it, an {@link dev.afterbay.Outcome} is how that attempt ended.
 */
package dev.afterbay;
