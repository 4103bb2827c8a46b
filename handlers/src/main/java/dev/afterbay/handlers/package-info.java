/**
 * Handlers that are ready to use: each exists because it speaks to something outside, and the
 * worker must not know it.
 */
@NullMarked
package dev.afterbay.handlers;

import org.jspecify.annotations.NullMarked;
