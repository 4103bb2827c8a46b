package dev.afterbay;

/** Proof that a session is held, which can leave the process. Opaque, and fenced. */
public record SessionToken(String value) {}
