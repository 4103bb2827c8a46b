/** Makes a {@link dev.afterbay.Broker} of a {@link dev.afterbay.store.Store}. */
package dev.afterbay.engine;
