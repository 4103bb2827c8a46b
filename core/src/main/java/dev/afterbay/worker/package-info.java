/** Runs handlers on the messages of a queue. */
package dev.afterbay.worker;
