package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangesTest {
    private static boolean isIn(String address, String... ranges) throws UnknownHostException {
        return AddressRanges.of(ranges).contains(InetAddress.getByName(address));
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.0.0.0/8",
        "10.255.255.255, 10.0.0.0/8",
        "192.168.1.127, 192.168.1.0/25",
        "1.2.3.4, 1.2.3.4",
        "1.2.3.4, 0.0.0.0/0",
        "2001:db8:ffff::1, 2001:db8::/32",
        "::1, ::1",
        "2001:db8::1, ::/0",
        "fe80::abcd, fe80::/10",
        "10.1.2.3, ::ffff:10.0.0.0/104",
        "::ffff:10.1.2.3, 10.0.0.0/8",
    })
    void shouldContainWhatItsPrefixSays(String address, String range) throws UnknownHostException {
        assertTrue(isIn(address, range));
        assertTrue(isIn(address, "9.9.9.9", range), "the second of two");
    }

    @ParameterizedTest
    @CsvSource({
        "11.0.0.0, 10.0.0.0/8",
        "192.168.1.128, 192.168.1.0/25",
        "1.2.3.5, 1.2.3.4",
        "2001:db9::1, 2001:db8::/32",
        "::2, ::1",
        "febf:ffff::, fec0::/10",
        "::1, 0.0.0.0/0",
        "1.2.3.4, ::/0",
        "11.0.0.1, ::ffff:10.0.0.0/104",
    })
    void shouldNotContainAnythingElse(String address, String range) throws UnknownHostException {
        assertFalse(isIn(address, range));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/8/8",
                "10.0.0.0/+8",
                "10.0.0.1/8",
                "10.0.0",
                "256.0.0.1",
                "::1/129",
                "2001:db8::1/64",
                "fe80::1%eth0",
                "::ffff:10.0.0.0/95",
                "1:2:3",
            })
    void shouldRefuseWhatIsNoRange(String text) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> AddressRanges.of(text));
        assertTrue(refusal.toString().contains("'" + text + "'"), refusal.toString());
    }

    @Test
    void shouldContainEverythingOrNothingByName() throws UnknownHostException {
        InetAddress address = InetAddress.getByName("1.2.3.4");
        assertTrue(AddressRanges.ALL.contains(address));
        assertTrue(AddressRanges.ALL.contains(null));
        assertFalse(AddressRanges.NONE.contains(address));
        assertFalse(AddressRanges.of("0.0.0.0/0").contains(null), "an address that is not known is in no range");
    }

    @Test
    void shouldSayItsRangesAsTheyWereGiven() {
        assertEquals(
                "[10.0.0.0/8, ::1]", AddressRanges.of("10.0.0.0/8", " ::1 ").toString());
    }
}
