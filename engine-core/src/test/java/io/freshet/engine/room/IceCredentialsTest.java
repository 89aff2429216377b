package io.freshet.engine.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.IceServers;
import io.freshet.protocol.v1.IceServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IceCredentialsTest {
    private static final String TURN = "turn:turn.example.org:3478?transport=udp";

    /** {@code printf %s NAME | openssl dgst -sha1 -hmac SECRET -binary | base64}. */
    @ParameterizedTest
    @CsvSource({
        "north-wind, 3600, 1700000000000, 42, 1700003600:42, YlpCluhk1i66cE5bZO2tP7aZqpY=",
        "north-wind, 60, 1700000000999, 18446744073709551615, 1700000060:18446744073709551615, FwMSQWEaiu+M2t1NSXTgO7VWr8s=",
        "s, 86400, 0, 1, 86400:1, IIb6YLL038acgyjBpjVkrI94Aao=",
        "a secret that is longer than the block of SHA-1 which has 64 bytes and so is hashed first, 3600, 1700000000000, 7, 1700003600:7, VD0hjwTsH07U29XjEq7LXYoEH0E=",
        "gehämmert, 3600, 1700000000000, 42, 1700003600:42, tUZpov7Rs0CKseKvWGVm1qhygR8=",
    })
    void shouldSignNamesAsOpensslDoes(
            String secret, long lifetimeSeconds, long nowMs, String principal, String name, String password) {
        IceServers servers = IceServers.NONE.turn(secret, Duration.ofSeconds(lifetimeSeconds), TURN);
        List<IceServer> given = new IceCredentials(servers).give(Long.parseUnsignedLong(principal), nowMs);
        assertEquals(1, given.size());
        assertEquals(List.of(TURN), given.get(0).getUrlsList());
        assertEquals(name, given.get(0).getUsername());
        assertEquals(password, given.get(0).getCredential());
        assertEquals(lifetimeSeconds * 1000, given.get(0).getExpiresInMs());
    }

    @Test
    void shouldTellStunServersToEverybodyWithoutAPassword() {
        IceServers servers = IceServers.stun("stun:a.example.org:3478", "stuns:b.example.org:5349");
        IceServer given = new IceCredentials(servers).give(42, 0).get(0);
        assertEquals(2, given.getUrlsCount());
        assertTrue(given.getUsername().isEmpty() && given.getCredential().isEmpty());
        assertEquals(0, given.getExpiresInMs());
        assertEquals(
                2,
                new IceCredentials(servers.turn("secret", Duration.ofHours(1), TURN))
                        .give(42, 0)
                        .size());
        assertEquals(List.of(), new IceCredentials(IceServers.NONE).give(42, 0));
    }

    @Test
    void shouldRefuseWhatCannotWork() {
        Duration hour = Duration.ofHours(1);
        assertThrows(IllegalArgumentException.class, () -> IceServers.stun("http://example.org"));
        assertThrows(IllegalArgumentException.class, () -> IceServers.stun("stun:"));
        assertThrows(IllegalArgumentException.class, () -> IceServers.stun(TURN));
        assertThrows(IllegalArgumentException.class, () -> IceServers.NONE.turn("", hour, TURN));
        assertThrows(IllegalArgumentException.class, () -> IceServers.NONE.turn("secret", hour));
        assertThrows(
                IllegalArgumentException.class, () -> IceServers.NONE.turn("secret", Duration.ofSeconds(59), TURN));
        assertFalse(IceServers.NONE.turn("secret", hour, TURN).toString().contains("secret"));
    }
}
