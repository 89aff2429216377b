package io.freshet.engine;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of network addresses: single ones and CIDR ranges such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}. An IPv4
 * address that is written as IPv6 ({@code ::ffff:10.0.0.1}) is the same address. Immutable; names are never looked up.
 */
public final class AddressRanges {
    /** Every address, also one that is not known. */
    public static final AddressRanges ALL = new AddressRanges(List.of(), true);

    /** No address. */
    public static final AddressRanges NONE = new AddressRanges(List.of(), false);

    private static final int IPV4_LENGTH = 4;
    private static final int MAPPED_OFFSET = 12;
    private static final byte[] MAPPED_PREFIX = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xFF, (byte) 0xFF};

    private final List<Range> ranges;
    private final boolean isAll;

    private AddressRanges(List<Range> ranges, boolean isAll) {
        this.ranges = List.copyOf(ranges);
        this.isAll = isAll;
    }

    /**
     * The addresses of these texts together.
     *
     * @throws IllegalArgumentException for what is no address and no range, or has bits set behind its prefix
     */
    public static AddressRanges of(String... addressesAndRanges) {
        return of(List.of(addressesAndRanges));
    }

    /** {@link #of(String...)} of a list. */
    public static AddressRanges of(List<String> addressesAndRanges) {
        List<Range> ranges = new ArrayList<>();
        for (String text : addressesAndRanges) {
            ranges.add(Range.of(text.strip()));
        }
        return new AddressRanges(ranges, false);
    }

    /** Whether an address is one of these; one that is not known (null) is only in {@link #ALL}. Any thread. */
    public boolean contains(@Nullable InetAddress address) {
        if (isAll || address == null) {
            return isAll;
        }
        byte[] bytes = unmapped(address.getAddress());
        for (Range range : ranges) {
            if (range.contains(bytes)) {
                return true;
            }
        }
        return false;
    }

    /** Whether this is every address. */
    public boolean isAll() {
        return isAll;
    }

    @Override
    public String toString() {
        return isAll ? "all addresses" : ranges.toString();
    }

    private static byte[] unmapped(byte[] address) {
        boolean isMapped = address.length > IPV4_LENGTH
                && Arrays.equals(address, 0, MAPPED_OFFSET, MAPPED_PREFIX, 0, MAPPED_OFFSET);
        return isMapped ? Arrays.copyOfRange(address, MAPPED_OFFSET, address.length) : address;
    }

    /** Addresses whose first bits are these. */
    private static final class Range {
        private final String text;
        private final byte[] prefix;
        private final int prefixBits;

        private Range(String text, byte[] prefix, int prefixBits) {
            this.text = text;
            this.prefix = prefix;
            this.prefixBits = prefixBits;
        }

        static Range of(String text) {
            int slash = text.indexOf('/');
            String address = slash < 0 ? text : text.substring(0, slash);
            byte[] bytes = address.contains("%") ? null : NetUtil.createByteArrayFromIpAddressString(address);
            if (bytes == null) {
                throw new IllegalArgumentException("'" + text + "' is not an address or a range such as 10.0.0.0/8");
            }
            int bits = slash < 0 ? bytes.length * 8 : bits(text, text.substring(slash + 1), bytes.length * 8);
            byte[] unmapped = unmapped(bytes);
            int prefixBits = bits - (bytes.length - unmapped.length) * 8;
            if (prefixBits < 0) {
                throw new IllegalArgumentException("'" + text + "' has a prefix that ends before its IPv4 address");
            }
            for (int bit = prefixBits; bit < unmapped.length * 8; bit++) {
                if ((unmapped[bit / 8] & (0x80 >>> (bit % 8))) != 0) {
                    throw new IllegalArgumentException("'" + text + "' has bits set behind its prefix");
                }
            }
            return new Range(text, unmapped, prefixBits);
        }

        private static int bits(String text, String digits, int greatest) {
            int bits = digits.matches("[0-9]{1,3}") ? Integer.parseInt(digits) : -1;
            if (bits < 0 || bits > greatest) {
                throw new IllegalArgumentException("'" + text + "' has a prefix that is not from 0 to " + greatest);
            }
            return bits;
        }

        boolean contains(byte[] address) {
            if (address.length != prefix.length) {
                return false;
            }
            int whole = prefixBits / 8;
            int rest = prefixBits % 8;
            return Arrays.equals(address, 0, whole, prefix, 0, whole)
                    && (rest == 0 || ((address[whole] ^ prefix[whole]) & 0xFF) >>> (8 - rest) == 0);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
