/** One runnable main per feature: the shortest way from a feature to the code that uses it. */
@NullMarked
package dev.afterbay.examples;

import org.jspecify.annotations.NullMarked;
