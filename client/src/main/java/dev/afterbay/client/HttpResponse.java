package dev.afterbay.client;

/** An answer, whatever it says. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HttpResponse(ResponseHead head, byte[] body) {}
