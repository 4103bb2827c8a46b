package dev.afterbay;

/** A detached delivery and how it ended. */
public record Settlement(Receipt receipt, Outcome outcome) {}
