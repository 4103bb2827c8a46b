package dev.afterbay.http;

/** What is served on one address. */
record Endpoint(RequestFilter filter, Router router, RequestDispatcher dispatcher) {}
