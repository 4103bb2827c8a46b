package dev.afterbay.http;

/**
 * What is served on one address.
 *
 * @param budget of what is under way there
 * @param alternative where else the same is
 * @param date when that is said, with each answer
 */
record Endpoint(
    RequestFilter filter,
    TrustedProxies proxies,
    Router router,
    RequestDispatcher dispatcher,
    MemoryBudget budget,
    AlternativeService alternative,
    DateHeader date) {}
