package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.engine.TlsConfig.Library;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Welcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A revocation waits for what is encrypted and not written, as it does for what is written plainly. */
class TlsRevocationTest {
    private static final Cursor LIVE =
            Cursor.newBuilder().setLive(Cursor.Live.getDefaultInstance()).build();
    private static final long ANN = 7;
    private static final int COUNT = 1000;
    private static final int PAYLOAD_LENGTH = 16 * 1024;

    @TempDir
    private Path directory;

    private FreshetEngine start(Certificates certificates, Library library) throws Exception {
        certificates.write(certificates.issue("server"));
        return FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0).tls(certificates.config().library(library)))
                .reactors(2)
                .authenticator(credentials -> new Principal(ANN, "ann"))
                .build());
    }

    private static RawConnection connect(FreshetEngine engine, SSLContext context) throws IOException {
        RawConnection raw = new RawConnection(
                context.getSocketFactory().createSocket(), engine.addresses().get(0));
        raw.hello();
        raw.send(
                FrameType.CONNECT,
                RawConnection.connectFrame()
                        .setToken(ByteString.copyFromUtf8("ann"))
                        .build());
        raw.read(FrameType.WELCOME, Welcome.parser());
        return raw;
    }

    private static long publish(FreshetEngine engine, int count) {
        byte[] payload = new byte[PAYLOAD_LENGTH];
        CompletableFuture<?>[] receipts = new CompletableFuture<?>[count];
        for (int i = 0; i < count; i++) {
            receipts[i] = engine.channel("lobby").publish(payload).toCompletableFuture();
        }
        CompletableFuture.allOf(receipts).join();
        return count;
    }

    private static long revoke(FreshetEngine engine) {
        return engine.revoke(ANN, "lobby")
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void shouldCutAnEncryptedConnectionThatDoesNotTakeWhatWasOnItsWay(Library library) throws Exception {
        Certificates certificates = new Certificates(directory);
        try (FreshetEngine engine = start(certificates, library);
                RawConnection ann = connect(engine, certificates.client())) {
            ann.open("lobby", LIVE);
            assertEquals(COUNT, publish(engine, COUNT));

            long last = revoke(engine);
            publish(engine, 1);

            assertEquals(COUNT, last);
            assertEquals(1, engine.metrics().sum("revoked.connections"));
            assertTrue(lastSequence(ann) < last);
        }
    }

    /** The sequence of the last record before the connection ended, however it did. */
    private static long lastSequence(RawConnection raw) {
        long sequence = 0;
        try {
            while (true) {
                RawConnection.Frame frame = raw.read();
                if (frame.type() == FrameType.RECORD) {
                    sequence = frame.body(Record.parser()).getSequence();
                }
            }
        } catch (IOException e) {
            return sequence;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void shouldTellAReaderWhatItWasGivenAndThenTheEnd(Library library) throws Exception {
        Certificates certificates = new Certificates(directory);
        try (FreshetEngine engine = start(certificates, library);
                RawConnection ann = connect(engine, certificates.client())) {
            long channel = ann.open("lobby", LIVE).getChannel();
            publish(engine, 3);
            for (int sequence = 1; sequence <= 3; sequence++) {
                assertEquals(sequence, ann.readRecord().getSequence());
            }

            assertEquals(3, revoke(engine));
            publish(engine, 1);

            assertEquals(channel, ann.read(FrameType.CLOSED, Closed.parser()).getChannel());
            ann.publish(channel, 1, new byte[1]);
            assertEquals(FrameType.ERROR, ann.read().type());
            assertEquals(0, engine.metrics().sum("revoked.connections"));
        }
    }
}
