package io.freshet.examples;

import io.freshet.client.Channel;
import io.freshet.client.Cursor;
import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A whole messaging server inside an application, in twenty lines; the README shows them. */
public final class EmbeddedSample {
    private EmbeddedSample() {}

    /** Publishes two messages and prints them as a subscriber receives them, history first. */
    public static void run(Path dataDirectory, PrintStream out) throws InterruptedException {
        // README: from here
        EngineConfig config = EngineConfig.builder()
                .dataDirectory(dataDirectory)
                .listen(Endpoint.tcp(0)) // any free port; clients connect to engine.addresses()
                .build();
        try (FreshetEngine engine = FreshetEngine.start(config)) {
            Channel lobby = engine.channel("lobby");
            lobby.publish("the snow melts").toCompletableFuture().join(); // stored, once the receipt is there

            CountDownLatch received = new CountDownLatch(2);
            lobby.subscribe(Cursor.last(50), record -> {
                out.println(record.sequence() + " " + record.text()); // history first, then what comes
                received.countDown();
            });
            lobby.publish("the river rises");
            received.await();
        }
        // README: to here
    }
}
