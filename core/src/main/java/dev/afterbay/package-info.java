/**
 * The model and the API. Start with {@link dev.afterbay.Broker}; a {@link dev.afterbay.Message} is
 * what you send, a {@link dev.afterbay.Job} is its life, a {@link dev.afterbay.Delivery} is one
 * attempt at it, an {@link dev.afterbay.Outcome} is how that attempt ended.
 *
 * <p>To send and receive:
 *
 * <ul>
 *   <li>{@link dev.afterbay.Queue}: sends; {@link dev.afterbay.TypedQueue} does it with values
 *   <li>{@link dev.afterbay.Receiver}: receives, under a lease that it can renew
 *   <li>{@link dev.afterbay.Session}: a receiver of the messages of one session, in their order
 *   <li>{@link dev.afterbay.Receipt}: settles a delivery from outside of the process
 * </ul>
 *
 * <p>To look and to decide:
 *
 * <ul>
 *   <li>{@link dev.afterbay.QueueSettings}: how a queue treats its messages
 *   <li>{@link dev.afterbay.Jobs}: finds, lists, cancels and redrives jobs
 *   <li>{@link dev.afterbay.Watch}: tells what happens, as {@link dev.afterbay.Event}s
 *   <li>{@link dev.afterbay.BrokerException}: all that can go wrong, and what is certain then
 * </ul>
 *
 * <p>{@code Job} is the only place that knows the transitions of a job. It is pure: time and chance
 * are arguments, as {@link dev.afterbay.Moment} and a generator. What needs more than the job alone
 * is in {@code dev.afterbay.rules}.
 */
package dev.afterbay;
