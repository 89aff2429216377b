package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.engine.Rate;
import io.freshet.examples.replay.Player;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** What people write behind an option, rightly and wrongly. */
final class OptionTypesTest {
    @ParameterizedTest
    @CsvSource({"localhost:7400,localhost,7400", "[::1]:1,::1,1", "10.0.0.1:65535,10.0.0.1,65535"})
    void shouldReadAServerAddress(String text, String host, int port) {
        ServerAddress address = new ServerAddress.Converter().convert(text);

        assertEquals(new ServerAddress(host, port), address);
        assertEquals(text, address.toString());

        ServerAddress encrypted = new ServerAddress.Converter().convert("tls://" + text);
        assertEquals(new ServerAddress(host, port, true, null), encrypted);
        assertEquals("tls://" + text, encrypted.toString());

        for (String scheme : new String[] {"ws://", "wss://"}) {
            ServerAddress webSocket = new ServerAddress.Converter().convert(scheme + text + "/some/path");
            assertEquals(new ServerAddress(host, port, scheme.equals("wss://"), "/some/path"), webSocket);
            assertEquals(scheme + text + "/some/path", webSocket.toString());
            assertEquals(
                    scheme + text + "/freshet",
                    new ServerAddress.Converter().convert(scheme + text).toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host",
                ":7400",
                "host:",
                "host:0",
                "host:65536",
                "host:x",
                "::1:7400",
                "[]:7400",
                "tls://",
                "tls://a:1/path",
                "a:1/path",
                "ws://",
                "ws://a/path",
                "wss:///path",
                "http://a:1"
            })
    void shouldRefuseWhatIsNoServerAddress(String text) {
        assertThrows(TypeConversionException.class, () -> new ServerAddress.Converter().convert(text));
    }

    @ParameterizedTest
    @CsvSource({
        "live,live",
        "first,'after(0, epoch 0)'",
        "last:50,last(50)",
        "1,'after(0, epoch 0)'",
        "42,'after(41, epoch 0)'"
    })
    void shouldReadAStartPosition(String text, String cursor) {
        assertEquals(cursor, new StartPosition().convert(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "last", "last:", "last:0", "last:2147483648", "LIVE", "9223372036854775808"})
    void shouldRefuseWhatIsNoStartPosition(String text) {
        assertThrows(TypeConversionException.class, () -> new StartPosition().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"100,100,100", "5:50,5,50", "0,0,0"})
    void shouldReadARate(String text, long perSecond, long burst) {
        assertEquals(new Rate(perSecond, burst), new LimitOptions.RateConverter().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "5:", ":5", "-1", "5:0", "fast", "9999999999999999999"})
    void shouldRefuseWhatIsNoRate(String text) {
        assertThrows(TypeConversionException.class, () -> new LimitOptions.RateConverter().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"every,every", "latest,latest", "sampled:1,sampled(1)", "sampled:1000,sampled(1000)"})
    void shouldReadADelivery(String text, String delivery) {
        assertEquals(delivery, new DeliveryOption().convert(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Latest",
                "sampled",
                "sampled:",
                "sampled:0",
                "sampled:1001",
                "sampled:x",
                "sampled:99999999999"
            })
    void shouldRefuseWhatIsNoDelivery(String text) {
        assertThrows(TypeConversionException.class, () -> new DeliveryOption().convert(text));
    }

    @Test
    void shouldReadASpeed() {
        ReplayCommand.SpeedConverter converter = new ReplayCommand.SpeedConverter();

        assertEquals(Player.MAX_SPEED, converter.convert("max"));
        assertEquals(2.5, converter.convert("2.5"));
        for (String wrong : new String[] {"0", "-1", "NaN", "Infinity", "fast", ""}) {
            assertThrows(TypeConversionException.class, () -> converter.convert(wrong), wrong);
        }
    }
}
