package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Welcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Authenticator and access policy that do not answer for one client answer the others, on the engine's four threads each. */
@Timeout(60)
class TurnsOfOneTest {
    private static final String STUCK = "stuck";
    private static final long STUCK_ID = 7;
    private static final int MANY = 20;
    private static final Duration GATE = Duration.ofSeconds(2);

    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final AtomicInteger stuckCount = new AtomicInteger();
    private boolean isAuthenticatorStuck;
    private FreshetEngine engine;

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(
                        new MemoryDisk(), StorageConfig.builder().shardCount(2).build()))
                .listen(Endpoint.tcp(0))
                .reactors(2)
                .timeouts(Timeouts.DEFAULTS.handshake(GATE).policy(GATE))
                .authenticator(this::identify)
                .accessPolicy((principal, channel, exists) -> {
                    if (principal.id() == STUCK_ID) {
                        waitForever();
                    }
                    return Access.ALL;
                })
                .build());
    }

    @AfterEach
    void close() {
        mayAnswer.countDown();
        engine.close();
    }

    private Principal identify(Credentials credentials) {
        String name = new String(credentials.token(), StandardCharsets.UTF_8);
        if (name.equals(STUCK) && isAuthenticatorStuck) {
            waitForever();
        }
        return new Principal(name.equals(STUCK) ? STUCK_ID : STUCK_ID + 1, name);
    }

    private void waitForever() {
        stuckCount.incrementAndGet();
        try {
            mayAnswer.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param from the last byte of a loopback address */
    private RawConnection hello(String name, int from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) from}), 0));
        RawConnection raw = new RawConnection(socket, engine.addresses().get(0));
        raw.hello();
        raw.send(
                FrameType.CONNECT,
                RawConnection.connectFrame()
                        .setToken(ByteString.copyFromUtf8(name))
                        .build());
        return raw;
    }

    private RawConnection connect(String name) throws IOException {
        RawConnection raw = hello(name, 1);
        raw.read(FrameType.WELCOME, Welcome.parser());
        return raw;
    }

    @Test
    void shouldDecideForOthersWhileThePolicyHangsForOneAccount() throws IOException {
        try (RawConnection one = connect(STUCK);
                RawConnection other = connect(STUCK);
                RawConnection bob = connect("bob")) {
            for (int request = 1; request <= MANY; request++) {
                for (RawConnection raw : new RawConnection[] {one, other}) {
                    raw.send(
                            FrameType.OPEN,
                            RawConnection.openFrame("lobby").setRequest(request).build());
                }
            }
            for (int i = 0; i < MANY; i++) {
                bob.open("channel-" + i);
            }
            for (int i = 0; i < MANY; i++) {
                assertEquals(
                        ErrorCode.POLICY_UNAVAILABLE.number(), one.readError().getCode());
                assertEquals(
                        ErrorCode.POLICY_UNAVAILABLE.number(), other.readError().getCode());
            }
            assertEquals(2, stuckCount.get());
            assertEquals(2 * MANY - 2, engine.metrics().sum("questions.postponed"));
            mayAnswer.countDown();
            one.open("lobby");
            assertEquals(3, stuckCount.get(), "what is over before its turn is not asked");
        }
    }

    @Test
    void shouldLetOthersInWhileTheAuthenticatorHangsForOneAddress() throws IOException {
        isAuthenticatorStuck = true;
        RawConnection[] stuck = new RawConnection[MANY];
        for (int i = 0; i < MANY; i++) {
            stuck[i] = hello(STUCK, 2);
        }
        for (int i = 0; i < MANY; i++) {
            connect("bob").close();
        }
        for (RawConnection raw : stuck) {
            assertEquals(ErrorCode.POLICY_UNAVAILABLE.number(), raw.readError().getCode());
            raw.close();
        }
        assertEquals(2, stuckCount.get());
        assertTrue(engine.metrics().sum("questions.postponed", Map.of()) >= MANY - 2);
    }
}
