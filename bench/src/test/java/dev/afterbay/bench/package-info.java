/** Tests of the benchmarks and of the tool that kills servers. */
@NullMarked
package dev.afterbay.bench;

import org.jspecify.annotations.NullMarked;
