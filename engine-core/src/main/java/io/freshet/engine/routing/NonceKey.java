package io.freshet.engine.routing;

/** Who numbers its publishes: a client instance of a sender. */
record NonceKey(long sender, int instance) {}
