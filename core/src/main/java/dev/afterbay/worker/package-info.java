/**
 * Runs handlers on the messages of a queue: {@link dev.afterbay.worker.Worker} is where to begin.
 * It goes by the API only, so that it runs on a broker in this process and on one elsewhere alike.
 *
 * <p>A delivery's way:
 *
 * <pre>
 *                  has room?                   settles, repeats until the lease ends
 *   Poller &lt;---------------- HandlerPool ----------------&gt; Settler
 *     |  claims for all pools   ^  |                         |
 *     |  in one loop            |  | one thread each         | who is out of reach?
 *     +-------------------------+  v                         v
 *        by type, else to *      Execution                 Outage
 * </pre>
 *
 * <p>An {@code Execution} is ended once, by whoever takes it first: its handler, its timeout, the
 * loss of its lease or the close of the worker. One lock ({@code WorkerLock}) guards what they
 * share; no queue, handler or listener is called under it.
 */
package dev.afterbay.worker;
