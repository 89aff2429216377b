package io.freshet.engine.simulation;

import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.reactor.Reactor;

/** A reactor's thread: it runs duty cycles, and waits where its loop waits. */
record ReactorActor(Reactor reactor, SimIo io, Mailbox mailbox) implements Actor {
    @Override
    public String name() {
        return reactor.roleName();
    }

    @Override
    public boolean isRunnable() {
        return io.isRunnable();
    }

    @Override
    public void run() {
        try {
            reactor.doWork();
        } catch (SimIo.WouldWait e) {
            // Its turn is over until something happens.
        }
    }
}
