/**
 * The program: the only module that knows all the others, because somebody has to put them
 * together.
 */
@NullMarked
package dev.afterbay.server;

import org.jspecify.annotations.NullMarked;
