package dev.afterbay.client;

/** An answer, whatever it says. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Response(ResponseHead head, byte[] body) {}
