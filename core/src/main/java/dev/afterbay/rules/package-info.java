/**
 * The rules that every store keeps, however it stores, so that each exists once. Pure: no input or
 * output, no clock, nothing remembered. What one job does by itself is said by {@link
 * dev.afterbay.Job}; here is what needs its queue, its session or the store:
 *
 * <ul>
 *   <li>{@link dev.afterbay.rules.CommitRules}: what may be written, asking {@link
 *       dev.afterbay.rules.StoredState} for what there is
 *   <li>{@link dev.afterbay.rules.ClaimRules}: what is handed out, in which order, how much
 *   <li>{@link dev.afterbay.rules.SessionRules}: the order within a session, and who holds it
 *   <li>{@link dev.afterbay.rules.TimeRules}: what is due, overdue, over, and since when
 *   <li>{@link dev.afterbay.rules.Dependents}: what the end of a job brings about for others
 *   <li>{@link dev.afterbay.rules.EventRules}: what watchers are told
 *   <li>{@link dev.afterbay.rules.AnswerRules}: what an answer may have in it
 * </ul>
 *
 * <p>An author of a store begins with {@code ListStore}, in the tests of the module contract.
 */
package dev.afterbay.rules;
