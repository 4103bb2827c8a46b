/**
 * What every store and every broker must do, published so that users can hold their own stores,
 * brokers and handlers against it.
 *
 * <p>To test a store, subclass {@link dev.afterbay.contract.StoreContract} and {@link
 * dev.afterbay.contract.LaneContract}, and run them with JUnit:
 *
 * <pre>{@code
 * class MyStoreTest extends StoreContract {
 *   @TempDir Path data;
 *
 *   @Override
 *   protected Store open(Clock clock) {
 *     return MyStore.open(data, clock); // empty at first, later with what the one before has left
 *   }
 * }
 * }</pre>
 *
 * <p>To test a broker, subclass {@link dev.afterbay.contract.BrokerContract}. It works through the
 * public API alone, so it runs over a network as well; where the broker is given no {@link
 * dev.afterbay.contract.TestClock}, what takes long is skipped.
 *
 * <p>To test a handler, give it to a worker over {@code Engine.open(MemoryStore.open(clock))} with
 * a {@link dev.afterbay.contract.TestClock}, and move that: delays, backoff and leases pass at
 * once.
 *
 * <p>{@link dev.afterbay.contract.Simulation} runs the whole engine from a seed, with crashes and
 * faults; a failure names the seed, and {@code Simulation.main("<seed>")} plays it again.
 */
@NullMarked
package dev.afterbay.contract;

import org.jspecify.annotations.NullMarked;
