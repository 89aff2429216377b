/**
 * How much and how fast: token buckets of one thread and of several, the accounts of addresses and principals that the
 * sessions of all reactors share, and who may connect now or when. Nothing here waits, and what is asked for each message
 * is the arithmetic of one long.
 */
@NullMarked
package io.freshet.engine.limit;

import org.jspecify.annotations.NullMarked;
