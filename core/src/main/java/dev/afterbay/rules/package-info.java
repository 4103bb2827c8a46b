/**
 * The rules that every store keeps, however it stores: what may be written, and how what is written
 * is read again. Pure: no input or output, no clock, nothing remembered.
 */
package dev.afterbay.rules;
