package io.freshet.client;

import java.util.concurrent.atomic.AtomicLong;

/** What a client counts. The client's thread writes, any thread reads. */
final class Counters {
    final AtomicLong connections = new AtomicLong();
    final AtomicLong recordsReceived = new AtomicLong();
    final AtomicLong publishesRepeated = new AtomicLong();
    final AtomicLong unexpectedAnswers = new AtomicLong();
    final AtomicLong protocolFailures = new AtomicLong();
    final AtomicLong callbackFailures = new AtomicLong();
    final AtomicLong pushesReceived = new AtomicLong();
    final AtomicLong pushesSkipped = new AtomicLong();

    /** Adds one, without the cost of an atomic update: there is one writer. */
    static void increment(AtomicLong counter) {
        counter.setRelease(counter.getPlain() + 1);
    }

    ClientStatistics snapshot(long publishesRejected) {
        return new ClientStatistics(
                connections.get(),
                recordsReceived.get(),
                publishesRejected,
                publishesRepeated.get(),
                unexpectedAnswers.get(),
                protocolFailures.get(),
                callbackFailures.get(),
                pushesReceived.get(),
                pushesSkipped.get());
    }
}
