package io.freshet.engine.erasure;

/** The event that names what is to be erased. */
record ErasureKey(long channel, long sequence) {}
