package io.freshet.log.document;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.UnsafeApi;

/**
 * CRC32C of off-heap memory that is known only by its address, without an allocation: {@link CRC32C} takes a direct
 * {@link ByteBuffer}, and the mapped bytes of a log file come as an address. One reused buffer is pointed at them, which
 * is what the native memory libraries of Netty and Chronicle do as well. Belongs to one thread.
 */
final class AddressWindow {
    private static final long ADDRESS_FIELD = field("address");
    private static final long CAPACITY_FIELD = field("capacity");

    private final CRC32C crc = new CRC32C();
    private final ByteBuffer window;

    AddressWindow() {
        window = ByteBuffer.allocateDirect(1).duplicate();
        UnsafeApi.putInt(window, CAPACITY_FIELD, Integer.MAX_VALUE);
    }

    private static long field(String name) {
        try {
            return UnsafeApi.objectFieldOffset(Buffer.class.getDeclaredField(name));
        } catch (NoSuchFieldException e) {
            throw new LinkageError("java.nio.Buffer has no field " + name, e);
        }
    }

    /** Points at the memory that {@link #checksum} reads; it must stay mapped until then. */
    void point(long address) {
        UnsafeApi.putLong(window, ADDRESS_FIELD, address);
    }

    /** Checksum of {@code length} bytes at {@code offset} from the address. */
    int checksum(int offset, int length) {
        window.limit(offset + length).position(offset);
        crc.reset();
        crc.update(window);
        return (int) crc.getValue();
    }
}
