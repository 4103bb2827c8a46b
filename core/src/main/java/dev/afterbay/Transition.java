package dev.afterbay;

import org.jspecify.annotations.Nullable;

/**
 * What a step in a job's life comes to, as computed by {@link Job} and written by a store.
 *
 * @param ended the attempt that this step ended, if it did
 * @param event what watchers are told; null: nothing that they could see has changed
 */
public record Transition(State after, @Nullable Attempt ended, @Nullable EventType event) {}
