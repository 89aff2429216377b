package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.ClientTls;
import io.freshet.client.ConnectionListener;
import io.freshet.client.FreshetClient;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Renew;
import io.freshet.protocol.v1.Renewed;
import io.freshet.protocol.v1.Welcome;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that expire end a session or renew it; addresses of an account are kept. Tokens read {@code NAME:MILLISECONDS}. */
class RenewalTest {
    @TempDir
    private Path directory;

    private final CountDownLatch isAnswering = new CountDownLatch(1);
    private FreshetEngine engine;
    private Certificates certificates;

    @BeforeEach
    void start() throws Exception {
        // Sessions are looked at four times in the shortest.
        Timeouts timeouts = Timeouts.DEFAULTS.handshake(Duration.ofSeconds(4)).policy(Duration.ofSeconds(3));
        certificates = new Certificates(directory);
        certificates.write(certificates.issue("localhost"));
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(
                        Endpoint.tcp(0),
                        Endpoint.tcp(0).tls(certificates.config().requireClientsOf(certificates.authorityFile())))
                .timeouts(timeouts)
                .authenticator(new Expiring(isAnswering))
                .build());
    }

    @AfterEach
    void close() {
        isAnswering.countDown();
        engine.close();
    }

    private static final class Expiring implements Authenticator {
        private final CountDownLatch isAnswering;

        Expiring(CountDownLatch isAnswering) {
            this.isAnswering = isAnswering;
        }

        @Override
        public Principal authenticate(Credentials credentials) {
            return identify(credentials).principal();
        }

        @Override
        public Identity identify(Credentials credentials) {
            String[] token = new String(credentials.token(), StandardCharsets.UTF_8).split(":", -1);
            return switch (token[0]) {
                case "ann" -> expiring(new Principal(7, "ann"), token[1]);
                case "bob" -> expiring(new Principal(8, "bob"), token[1]);
                case "slow" -> slow();
                case "here" -> Identity.of(new Principal(9, "here")).addresses(AddressRanges.of("127.0.0.0/8"));
                case "away" -> Identity.of(new Principal(10, "away")).addresses(AddressRanges.of("10.0.0.0/8"));
                default -> throw Authenticator.refused();
            };
        }

        private Identity slow() {
            try {
                isAnswering.await();
                return expiring(new Principal(7, "ann"), "1");
            } catch (InterruptedException e) {
                throw Authenticator.refused();
            }
        }

        private static Identity expiring(Principal principal, String milliseconds) {
            return Identity.of(principal).expiresAt(Instant.now().plusMillis(Long.parseLong(milliseconds)));
        }
    }

    private RawConnection connect(String token) throws IOException {
        RawConnection raw = new RawConnection(engine);
        raw.hello();
        raw.send(
                FrameType.CONNECT,
                RawConnection.connectFrame()
                        .setToken(ByteString.copyFromUtf8(token))
                        .build());
        return raw;
    }

    private static void renew(RawConnection raw, long request, String token) throws IOException {
        raw.send(
                FrameType.RENEW,
                Renew.newBuilder()
                        .setRequest(request)
                        .setToken(ByteString.copyFromUtf8(token))
                        .build());
    }

    private static void assertRefused(RawConnection raw, long request, ErrorCode code) throws IOException {
        Error error = raw.readError();
        assertEquals(code, ErrorCode.of(error.getCode()));
        assertEquals(request, error.getRequest());
    }

    @Test
    void shouldEndTheSessionWhenItsTokenExpires() throws IOException {
        try (RawConnection raw = connect("ann:1500")) {
            Welcome welcome = raw.read(FrameType.WELCOME, Welcome.parser());
            assertTrue(welcome.getTokenExpiresInMs() > 0 && welcome.getTokenExpiresInMs() <= 1500);
            assertRefused(raw, 0, ErrorCode.TOKEN_EXPIRED);
            assertTrue(raw.isClosedByServer());
        }
        assertEquals(1, engine.metrics().sum("connections.closed", Map.of("reason", "token_expired")));
    }

    @Test
    void shouldRefuseATokenThatHasExpiredAlready() throws IOException {
        try (RawConnection raw = connect("ann:-1")) {
            assertRefused(raw, 0, ErrorCode.TOKEN_EXPIRED);
            assertTrue(raw.isClosedByServer());
        }
    }

    @Test
    void shouldGoOnWithANewerTokenAndWithTheOldOneWhenTheNewerIsRefused() throws IOException {
        try (RawConnection raw = connect("ann:60000")) {
            raw.read(FrameType.WELCOME, Welcome.parser());
            raw.open("lobby");
            renew(raw, 5, "ann:600000");
            Renewed renewed = raw.read(FrameType.RENEWED, Renewed.parser());
            assertEquals(5, renewed.getRequest());
            assertTrue(renewed.getTokenExpiresInMs() > 60_000 && renewed.getTokenExpiresInMs() <= 600_000);

            renew(raw, 6, "nobody:1");
            assertRefused(raw, 6, ErrorCode.UNAUTHENTICATED);
            renew(raw, 7, "bob:600000");
            assertRefused(raw, 7, ErrorCode.UNAUTHENTICATED);
            renew(raw, 8, "ann:-1");
            assertRefused(raw, 8, ErrorCode.TOKEN_EXPIRED);
            raw.open("another");
        }
    }

    @Test
    void shouldEndTheSessionWhenARenewedTokenExpiresToo() throws IOException {
        try (RawConnection raw = connect("ann:60000")) {
            raw.read(FrameType.WELCOME, Welcome.parser());
            renew(raw, 1, "ann:1500");
            raw.read(FrameType.RENEWED, Renewed.parser());
            assertRefused(raw, 0, ErrorCode.TOKEN_EXPIRED);
        }
    }

    @Test
    void shouldRefuseARenewThatCannotBeAndGoOn() throws IOException {
        try (RawConnection raw = connect("ann:60000")) {
            raw.read(FrameType.WELCOME, Welcome.parser());
            renew(raw, 0, "ann:60000");
            assertRefused(raw, 0, ErrorCode.INVALID_ARGUMENT);
            renew(raw, 1, "x".repeat(2049));
            assertRefused(raw, 1, ErrorCode.INVALID_ARGUMENT);
            renew(raw, 2, "ann:60000");
            raw.read(FrameType.RENEWED, Renewed.parser());
        }
    }

    @Test
    void shouldAnswerARenewThatNobodyDecidesAndTakeTheNextAndNotTheLateAnswer() throws IOException {
        try (RawConnection raw = connect("ann:60000")) {
            raw.read(FrameType.WELCOME, Welcome.parser());
            renew(raw, 1, "slow:");
            renew(raw, 2, "ann:60000");
            assertRefused(raw, 2, ErrorCode.LIMIT_REACHED);
            assertRefused(raw, 1, ErrorCode.POLICY_UNAVAILABLE);
            renew(raw, 3, "ann:600000");
            assertEquals(3, raw.read(FrameType.RENEWED, Renewed.parser()).getRequest());
            isAnswering.countDown();
            for (int i = 0; i < 100; i++) {
                raw.open("lobby-" + i); // goes the same way as the late answer, and finds the session as it was
            }
        }
    }

    @Test
    void shouldKeepAnAccountToItsAddresses() throws IOException {
        try (RawConnection raw = connect("here:")) {
            raw.read(FrameType.WELCOME, Welcome.parser());
        }
        try (RawConnection raw = connect("away:")) {
            assertRefused(raw, 0, ErrorCode.ADDRESS_NOT_ALLOWED);
            assertTrue(raw.isClosedByServer());
        }
    }

    @Test
    void shouldKeepTheSessionOfAClientWithATokenSource() throws Exception {
        AtomicInteger givenCount = new AtomicInteger();
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        ClientConfig config = ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .tokens(() -> {
                    int count = givenCount.incrementAndGet();
                    String token = count == 1 ? "ann:4000" : "ann:600000";
                    return CompletableFuture.supplyAsync(() -> token.getBytes(StandardCharsets.UTF_8));
                })
                .listener(new ConnectionListener() {
                    @Override
                    public void onDisconnected(FreshetException cause, boolean willReconnect) {
                        events.add(cause.code() + " " + willReconnect);
                    }
                })
                .build();
        try (FreshetClient client = FreshetClient.connect(config)) {
            Channel lobby = client.channel("lobby");
            long expectedSequence = 1;
            while (givenCount.get() < 2) {
                assertEquals(expectedSequence++, publish(lobby));
            }
            assertEquals(expectedSequence, publish(lobby));
            assertEquals(null, events.poll(), "the session went on");
        }
    }

    private static long publish(Channel channel) throws Exception {
        return channel.publish("hi")
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .sequence();
    }

    @Test
    void shouldConnectTheClientOverTlsWithACertificateOfItsOwn() throws Exception {
        Path own = directory.resolve("own.pem");
        Path key = directory.resolve("own-key.pem");
        X509Bundle bundle = certificates.issue("client");
        Files.writeString(own, bundle.getCertificatePathPEM());
        Files.writeString(key, bundle.getPrivateKeyPEM());
        ClientTls trusting = ClientTls.trusting(certificates.authorityFile());
        ClientConfig.Builder config = ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(1).getPort())
                .token("here:");
        try (FreshetClient client =
                FreshetClient.connect(config.tls(trusting.showing(own, key)).build())) {
            assertEquals(1, publish(client.channel("lobby")));
        }
        assertFails(config.tls(trusting).build());
        assertFails(config.tls(ClientTls.trustingTheSystem()).build());
    }

    private static void assertFails(ClientConfig config) {
        try (FreshetClient client = FreshetClient.connect(config)) {
            throw new AssertionError("connected as " + client.principalName());
        } catch (FreshetException e) {
            assertEquals(ErrorCode.DISCONNECTED, e.code(), e.toString());
        }
    }
}
