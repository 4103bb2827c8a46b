/**
 * A store from scratch, for authors of stores: all that one needs is public in {@code
 * dev.afterbay}, its {@code store} and its {@code rules}.
 */
@NullMarked
package example.store;

import org.jspecify.annotations.NullMarked;
