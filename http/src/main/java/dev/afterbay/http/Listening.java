package dev.afterbay.http;

/** What is served on one address. */
record Listening(Gate gate, Router router, Starts starts) {}
