package io.freshet.engine.limit;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Which addresses count as one: an IPv4 address, a /64 network of IPv6, which is what one customer has at least. */
public final class AddressKey {
    /** Where the address is not known, as on a simulated network. */
    static final long UNKNOWN = 0;

    /** Above it stands no IPv6 network that is in use: 0:0:ffff/48. */
    private static final long IPV4 = 0xFFFFL << 32;

    private static final int IPV4_LENGTH = 4;

    private AddressKey() {}

    /** What stands for this address; the same for all whose address is not known. */
    public static long of(@Nullable InetAddress address) {
        if (address == null) {
            return UNKNOWN;
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.remaining() == IPV4_LENGTH ? IPV4 | Integer.toUnsignedLong(bytes.getInt()) : bytes.getLong();
    }
}
