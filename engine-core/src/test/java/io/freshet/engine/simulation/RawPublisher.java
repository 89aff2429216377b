package io.freshet.engine.simulation;

import io.freshet.protocol.EventKind;
import java.util.SplittableRandom;

/** Publishes with nonce 0, which nobody answers. */
final class RawPublisher extends RawClient {
    private int lastNumber = EventKind.FIRST_OF_APPLICATIONS;

    RawPublisher(Simulation simulation, long sender, String channelName) {
        super(simulation, sender, channelName);
    }

    @Override
    void publish(int count, SplittableRandom random, int maxLength) {
        if (!isWritable()) {
            return;
        }
        for (int i = 0; i < count; i++) {
            int number = ++lastNumber;
            send(number, 0, Payloads.of(sender(), number, 1 + random.nextInt(maxLength)));
        }
        flush();
    }
}
