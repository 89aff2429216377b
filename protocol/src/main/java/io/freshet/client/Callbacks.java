package io.freshet.client;

import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the user's handlers and keeps what they throw from ending anything: it is counted, and logged once per callback and
 * class of exception. Client's thread.
 */
final class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);
    private static final int MAX_LOGGED_KINDS = 64;

    private final Counters counters;
    private final Set<String> loggedKinds = new HashSet<>();

    Callbacks(Counters counters) {
        this.counters = counters;
    }

    void record(RecordHandler handler, ReceivedRecord record) {
        try {
            handler.onRecord(record);
        } catch (Throwable t) {
            failed("RecordHandler.onRecord", t);
        }
    }

    void run(String name, Runnable callback) {
        try {
            callback.run();
        } catch (Throwable t) {
            failed(name, t);
        }
    }

    private void failed(String name, Throwable t) {
        Counters.increment(counters.callbackFailures);
        if (loggedKinds.size() < MAX_LOGGED_KINDS
                && loggedKinds.add(name + ' ' + t.getClass().getName())) {
            LOG.warn("{} threw; the client goes on, and does not log this kind again", name, t);
        }
    }
}
