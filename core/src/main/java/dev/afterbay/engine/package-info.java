/**
 * Makes a {@link dev.afterbay.Broker} of a {@link dev.afterbay.store.Store}. The engine checks what
 * comes in, lets {@link dev.afterbay.Job} compute the transition, and commits it; it remembers
 * nothing that a store does not, but for who looks at which dead letter.
 *
 * <p>Who brings a job forward:
 *
 * <pre>
 *   send      Sending         limits, the settings of the queue (Catalog), one commit of all messages
 *   receive   EngineReceiver  claims; where there is nothing, waits among the Waiters for a wake
 *             EngineSession   the same for who holds a session
 *   settle    EngineDelivery  of a receiver in this process, through Settling
 *             Receipts        of a consumer elsewhere, many in one trip to the store
 *   time      Reaper          leases that lapsed, times to live and retention that are over
 *             ScheduleTimer   what schedules are due: a job each, in one commit with the schedule
 *   people    EngineJobs      one job: cancel, redrive, run now, delete
 *             Redrives        the failed jobs of a queue, at once or at a rate
 *             EngineDeadLetters  counts the failed of a queue, and leases them (DeadLetterLeases)
 *             EngineSchedules makes schedules, pauses them, runs one now
 * </pre>
 *
 * <p>All of them compute from the job as they saw it. Where it has changed since, the store refuses
 * the commit as stale, and they compute anew from the job as it is: no lock is held between a look
 * and a write, so any number of threads, and of processes, may do the same.
 */
package dev.afterbay.engine;
