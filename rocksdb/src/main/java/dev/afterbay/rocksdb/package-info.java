/**
 * The store on one machine: it exists because RocksDB is a native library that only those who want
 * it should carry.
 */
@NullMarked
package dev.afterbay.rocksdb;

import org.jspecify.annotations.NullMarked;
