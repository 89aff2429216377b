package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.TlsConfig.Library;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Record;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS endpoints, spoken to with the JDK's own TLS. */
class TlsTest {
    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int POLL_COUNT = 500;

    @TempDir
    private Path directory;

    private Certificates certificates;
    private SSLContext trusting;
    private @Nullable FreshetEngine engine;

    @BeforeEach
    void write() throws Exception {
        certificates = new Certificates(directory);
        certificates.write(certificates.issue("first"));
        trusting = certificates.client();
    }

    @AfterEach
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    private void start(TlsConfig tls) {
        start(tls, LONG);
    }

    private void start(TlsConfig tls, Duration handshake) {
        Timeouts timeouts = Timeouts.DEFAULTS.handshake(handshake);
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0).tls(tls))
                .timeouts(timeouts)
                .build());
    }

    private InetSocketAddress address() {
        return running().addresses().get(0);
    }

    private FreshetEngine running() {
        return Objects.requireNonNull(engine);
    }

    private RawConnection connect(SSLContext context) throws IOException {
        return new RawConnection(context.getSocketFactory().createSocket(), address());
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void shouldCarryFramesOfEverySize(Library library) throws IOException {
        start(certificates.config().library(library));
        SplittableRandom random = new SplittableRandom(7);
        try (RawConnection publisher = connect(trusting);
                RawConnection subscriber = connect(trusting)) {
            publisher.connect();
            subscriber.connect();
            subscriber.open("lobby", LIVE);
            Opened opened = publisher.open("lobby"); // of the same instance, the last to open may publish
            for (int counter = 1; counter <= 60; counter++) {
                byte[] payload = new byte[random.nextInt(counter % 3 == 0 ? 32 * 1024 : 300)];
                random.nextBytes(payload);
                publisher.publish(opened.getChannel(), counter, payload);
                assertEquals(FrameType.PUBLISHED, publisher.read().type());
                Record record = subscriber.readRecord();
                assertEquals(counter, record.getSequence());
                assertArrayEquals(payload, record.getPayload().toByteArray());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void shouldHoldTheMemoryBoundWhileReadersStallAndLoseNothing(Library library) throws IOException {
        start(certificates.config().library(library));
        int count = 1000;
        byte[] payload = new byte[16 * 1024];
        try (RawConnection publisher = connect(trusting);
                RawConnection first = connect(trusting);
                RawConnection second = connect(trusting)) {
            publisher.connect();
            for (RawConnection stalled : new RawConnection[] {first, second}) {
                stalled.connect();
                stalled.open("lobby", LIVE);
            }
            Opened opened = publisher.open("lobby");
            long greatestOutbound = 0;
            for (int counter = 1; counter <= count; counter++) {
                ByteBuffer.wrap(payload).putInt(0, counter);
                publisher.publish(opened.getChannel(), counter, payload);
                assertEquals(FrameType.PUBLISHED, publisher.read().type());
                if (counter % 50 == 0) {
                    greatestOutbound =
                            Math.max(greatestOutbound, running().memoryUse().outboundBytes());
                }
            }
            // Each connection: the mark, what was given to it at once, and what encryption adds.
            assertTrue(greatestOutbound <= 2 * 192 * 1024, "outbound bytes " + greatestOutbound);
            for (RawConnection stalled : new RawConnection[] {first, second}) {
                for (int counter = 1; counter <= count; counter++) {
                    Record record = stalled.readRecord();
                    assertEquals(counter, record.getSequence());
                    assertEquals(
                            counter, record.getPayload().asReadOnlyByteBuffer().getInt());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void shouldRefuseOldVersionsAndCiphersWithoutForwardSecrecy(Library library) throws IOException {
        start(certificates.config().library(library));
        assertThrows(IOException.class, () -> handshake(trusting, "TLSv1.1", null));
        assertThrows(IOException.class, () -> handshake(trusting, "TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256"));
        assertThrows(
                IOException.class, () -> handshake(trusting, "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"));
        assertEquals("TLSv1.2", handshake(trusting, "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
        assertEquals("TLSv1.3", handshake(trusting, "TLSv1.3", null));
    }

    /** Version of a handshake that succeeds. */
    private String handshake(SSLContext context, String version, @Nullable String cipher) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
            socket.setEnabledProtocols(new String[] {version});
            if (cipher != null) {
                socket.setEnabledCipherSuites(new String[] {cipher});
            }
            socket.connect(address(), 10_000);
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            return socket.getSession().getProtocol();
        }
    }

    @Test
    void shouldCloseWhoDoesNotSpeakTlsAndWhoDoesNotSpeak() throws IOException {
        start(certificates.config(), Duration.ofSeconds(2));
        try (RawConnection plain = new RawConnection(address())) {
            plain.send("GET / HTTP/1.1\r\n\r\n");
            assertThrows(IOException.class, plain::read);
        }
        try (RawConnection silent = new RawConnection(address())) {
            assertTrue(silent.isClosedByServer(), "the handshake's deadline holds before TLS is up");
        }
        try (RawConnection speaking = connect(trusting)) {
            speaking.hello();
            Error error = speaking.readError();
            assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, ErrorCode.of(error.getCode()));
            assertTrue(speaking.isClosedByServer());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void shouldEndAtOnceWhatTheTlsLibraryWouldWaitFor(Library library) throws IOException {
        start(certificates.config().library(library), Duration.ofMinutes(2));
        byte[][] firsts = {{(byte) 0xBF, 0, 1, 3, 0}, {22, 3, 1, -1, -1}, {22, 3, 1, 0, 1, 1, 0, 0, 0, 0, 0}};
        for (byte[] first : firsts) {
            try (RawConnection raw = new RawConnection(address())) {
                raw.send(first);
                assertTrue(raw.isClosedByServer(), "without waiting for more");
            }
        }
        for (int i = 0; i < POLL_COUNT && refusedCount() < firsts.length; i++) {
            LockSupport.parkNanos(POLL_NS); // counted a moment after the close is seen
        }
        assertEquals(firsts.length, refusedCount());
    }

    private double refusedCount() {
        return running().metrics().sum("connections.refused", Map.of("reason", "tls"));
    }

    @Test
    void shouldAskClientsForACertificateWhenTold() throws Exception {
        start(certificates.config().requireClientsOf(certificates.authorityFile()));
        SSLContext showing = certificates.client(certificates.issue("client"));
        try (RawConnection known = connect(showing)) {
            known.connect();
        }
        assertThrows(IOException.class, () -> {
            try (RawConnection unknown = connect(trusting)) {
                unknown.connect();
            }
        });
        Certificates others = new Certificates(Files.createDirectory(directory.resolve("others")));
        SSLContext forged = certificates.client(others.issue("client"));
        assertThrows(IOException.class, () -> {
            try (RawConnection unknown = connect(forged)) {
                unknown.connect();
            }
        });
    }

    @Test
    void shouldTakeOverANewCertificateAndKeepItWhenTheNextIsBroken() throws Exception {
        start(certificates.config());
        try (RawConnection before = connect(trusting)) {
            before.connect();
            assertEquals("CN=first", served());

            certificates.write(certificates.issue("second"));
            awaitServed("CN=second");
            before.open("lobby"); // who was there stays

            X509Bundle third = certificates.issue("third");
            Files.writeString(directory.resolve("chain.pem"), third.getCertificatePathPEM()); // and not its key
            Files.writeString(directory.resolve("other.pem"), "nothing");
            for (int i = 0; i < 100; i++) {
                LockSupport.parkNanos(POLL_NS);
                assertEquals("CN=second", served(), "a certificate without its key is never served");
            }
            certificates.write(third);
            awaitServed("CN=third");
        }
    }

    private void awaitServed(String subject) throws IOException {
        for (int i = 0; i < POLL_COUNT && !served().equals(subject); i++) {
            LockSupport.parkNanos(POLL_NS);
        }
        assertEquals(subject, served());
    }

    /** Who the server says it is. */
    private String served() throws IOException {
        try (SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket()) {
            socket.connect(address(), 10_000);
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSubjectX500Principal().getName();
        } catch (SSLException e) {
            throw new IOException(e);
        }
    }

    @Test
    void shouldNotStartWithFilesThatCannotBeUsed() throws Exception {
        TlsConfig missing = TlsConfig.of(directory.resolve("none.pem"), directory.resolve("key.pem"));
        assertThrows(UncheckedIOException.class, () -> start(missing));

        Path secret = Files.writeString(
                directory.resolve("secret.pem"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
        TlsConfig unreadable = TlsConfig.of(directory.resolve("chain.pem"), secret);
        UncheckedIOException refusal = assertThrows(UncheckedIOException.class, () -> start(unreadable));
        assertTrue(refusal.toString().contains("secret.pem holds no readable key"), refusal.toString());
        assertTrue(!refusal.toString().contains("c2VjcmV0"), "a message shows no key");
    }
}
