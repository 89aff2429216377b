package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Authenticator;
import io.freshet.engine.Endpoint;
import io.freshet.engine.Principal;
import io.freshet.engine.TlsConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExposureNoticeTest {
    private static final TlsConfig TLS = TlsConfig.of(Path.of("chain.pem"), Path.of("key.pem"));
    private static final Authenticator REAL = credentials -> new Principal(7, "ann");

    private static String notice(Authenticator authenticator, Endpoint... endpoints) {
        return String.join("\n", ExposureNotice.lines(List.of(endpoints), authenticator));
    }

    @Test
    void shouldSayNothingOnTheLoopbackAddressOrWhenNothingIsMissing() {
        assertEquals("", notice(Authenticator.anonymous(), Endpoint.tcp(1), Endpoint.tcp("::1", 2)));
        assertEquals("", notice(REAL, Endpoint.tcp("0.0.0.0", 1).tls(TLS), Endpoint.tcp(2)));
    }

    @Test
    void shouldNameWhatIsOpenAndWhatIsMissing() {
        String plain = notice(
                REAL, Endpoint.tcp("0.0.0.0", 1), Endpoint.tcp("0.0.0.0", 2).tls(TLS), Endpoint.tcp(3));
        assertTrue(plain.contains("OPEN TO THE NETWORK: tcp://0.0.0.0:1, tls://0.0.0.0:2\n"), plain);
        assertTrue(plain.contains("of tcp://0.0.0.0:1; --tls-cert"), plain);
        assertTrue(!plain.contains("DEVELOPMENT"), plain);

        String believing = notice(
                Authenticator.anonymous(),
                Endpoint.webSocket("0.0.0.0", 1, "/freshet").tls(TLS));
        assertTrue(believing.contains("OPEN TO THE NETWORK: wss://0.0.0.0:1/freshet\n"), believing);
        assertTrue(believing.contains("FOR DEVELOPMENT ONLY"), believing);
        assertTrue(!believing.contains("NOT ENCRYPTED"), believing);
    }

    @Test
    void shouldSayWhenMetricsAreOpen() {
        assertEquals(
                List.of(),
                ExposureNotice.ofMetrics(Endpoint.tcp("127.0.0.1", 9464).address()));
        assertEquals(
                List.of(), ExposureNotice.ofMetrics(Endpoint.tcp("::1", 9464).address()));
        List<String> open =
                ExposureNotice.ofMetrics(Endpoint.tcp("0.0.0.0", 9464).address());
        assertTrue(open.get(0).contains("METRICS ARE OPEN TO THE NETWORK: whoever reaches 0.0.0.0 "), open.get(0));
    }
}
