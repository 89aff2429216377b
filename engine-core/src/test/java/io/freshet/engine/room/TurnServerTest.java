package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.engine.IceServers;
import io.freshet.protocol.v1.IceServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemEpochClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A TURN server takes the names and passwords that rooms hand out, and no others. */
class TurnServerTest {
    private static final String SECRET = "north-wind";

    @TempDir
    private Path directory;

    @Test
    void shouldGetAnAddressFromCoturnWhileTheNameIsGood() throws Exception {
        try (CoturnServer coturn = CoturnServer.start(directory, SECRET)) {
            long nowMs = SystemEpochClock.INSTANCE.time();
            IceServer good = credential(SECRET, nowMs);
            assertEquals(0, coturn.allocate(good.getUsername(), good.getCredential()));
            IceServer old = credential(SECRET, nowMs - TimeUnit.HOURS.toMillis(2));
            assertEquals(CoturnServer.UNAUTHORIZED, coturn.allocate(old.getUsername(), old.getCredential()));
            IceServer foreign = credential("south-wind", nowMs);
            assertEquals(CoturnServer.UNAUTHORIZED, coturn.allocate(foreign.getUsername(), foreign.getCredential()));
            String longer = "9" + good.getUsername();
            assertEquals(CoturnServer.UNAUTHORIZED, coturn.allocate(longer, good.getCredential()));
        }
    }

    private static IceServer credential(String secret, long nowMs) {
        IceServers servers = IceServers.NONE.turn(secret, Duration.ofHours(1), "turn:127.0.0.1");
        return new IceCredentials(servers).give(42, nowMs).get(0);
    }
}
