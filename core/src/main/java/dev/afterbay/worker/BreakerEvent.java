package dev.afterbay.worker;

import dev.afterbay.EventType;
import java.time.Instant;

/**
 * The circuit breaker of a handler opened, let a first job through, or closed.
 *
 * @param handler the type that the handler was given for, {@code *} included
 * @param type one of the three {@code BREAKER_} words
 */
public record BreakerEvent(String queue, String handler, EventType type, Instant at) {}
