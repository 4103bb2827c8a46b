/**
 * Benchmarks: what the documentation claims about speed is measured here, and nothing else depends
 * on it.
 */
@NullMarked
package dev.afterbay.bench;

import org.jspecify.annotations.NullMarked;
