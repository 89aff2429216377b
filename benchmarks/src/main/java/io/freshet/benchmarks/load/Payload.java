package io.freshet.benchmarks.load;

import org.agrona.UnsafeApi;

/**
 * What a message of a load run carries, little-endian, so that whoever receives it can tell whose it is, which one, when
 * it was due, and whether a byte of it changed.
 *
 * <pre>
 *   0        4      6         8          16              24           32
 *   +--------+------+---------+----------+---------------+------------+-----------------+
 *   | run    | slot | publish.| counter  | intended time | checksum   | filler …        |
 *   +--------+------+---------+----------+---------------+------------+-----------------+
 * </pre>
 *
 * <p>The slot is the publisher's place among those of the channel, the counter counts from 0 in this slot, the time is in
 * nanoseconds of the load generator's clock. The filler follows from the first two words. The checksum takes in all
 * else in words of 8 bytes on four lanes, each lane multiplied by an odd number per word, which no change of a single word
 * survives unseen. Works on addresses, unchecked: callers have checked the length.
 */
final class Payload {
    static final int RUN_OFFSET = 0;
    static final int SLOT_OFFSET = 4;
    static final int PUBLISHER_OFFSET = 6;
    static final int COUNTER_OFFSET = 8;
    static final int INTENDED_NS_OFFSET = 16;
    static final int CHECKSUM_OFFSET = 24;
    static final int FILLER_OFFSET = 32;

    /** Bytes of the shortest payload: no filler. */
    static final int MIN_LENGTH = FILLER_OFFSET;

    private static final int WORD = Long.BYTES;
    private static final int ROUND = 4 * WORD;

    // Odd constants with about as many ones as zeros, the first from the golden ratio.
    private static final long K0 = 0x9E3779B97F4A7C15L;
    private static final long K1 = 0xC2B2AE3D27D4EB4FL;
    private static final long K2 = 0x165667B19E3779F9L;
    private static final long K3 = 0xD6E8FEB86659FD93L;

    private Payload() {}

    /** Writes a payload of {@code length} bytes, at least {@link #MIN_LENGTH}, at this address. */
    static void write(long address, int length, int run, int slot, int publisher, long counter, long intendedNs) {
        long who = (run & 0xFFFF_FFFFL) | (slot & 0xFFFFL) << 32 | (long) publisher << 48;
        UnsafeApi.putLong(address, who);
        UnsafeApi.putLong(address + COUNTER_OFFSET, counter);
        UnsafeApi.putLong(address + INTENDED_NS_OFFSET, intendedNs);
        long filler = (who ^ counter) * K0;
        long at = address + FILLER_OFFSET;
        long end = address + length;
        for (; end - at >= WORD; at += WORD) {
            filler += K1;
            UnsafeApi.putLong(at, filler);
        }
        for (; at < end; at++) {
            filler += K1;
            UnsafeApi.putByte(at, (byte) (filler >>> 56));
        }
        UnsafeApi.putLong(address + CHECKSUM_OFFSET, checksum(address, length));
    }

    /** Whether the bytes are those that were written. The length is at least {@link #MIN_LENGTH}. */
    static boolean isIntact(long address, int length) {
        return UnsafeApi.getLong(address + CHECKSUM_OFFSET) == checksum(address, length);
    }

    static int run(long address) {
        return UnsafeApi.getInt(address + RUN_OFFSET);
    }

    static int slot(long address) {
        return UnsafeApi.getShort(address + SLOT_OFFSET) & 0xFFFF;
    }

    static int publisher(long address) {
        return UnsafeApi.getShort(address + PUBLISHER_OFFSET) & 0xFFFF;
    }

    static long counter(long address) {
        return UnsafeApi.getLong(address + COUNTER_OFFSET);
    }

    static long intendedNs(long address) {
        return UnsafeApi.getLong(address + INTENDED_NS_OFFSET);
    }

    private static long checksum(long address, int length) {
        long a = UnsafeApi.getLong(address) * K0 + length;
        long b = UnsafeApi.getLong(address + COUNTER_OFFSET) * K1;
        long c = UnsafeApi.getLong(address + INTENDED_NS_OFFSET) * K2;
        long d = K3;
        long at = address + FILLER_OFFSET;
        long end = address + length;
        for (; end - at >= ROUND; at += ROUND) {
            a = (a + UnsafeApi.getLong(at)) * K0;
            b = (b + UnsafeApi.getLong(at + WORD)) * K1;
            c = (c + UnsafeApi.getLong(at + 2 * WORD)) * K2;
            d = (d + UnsafeApi.getLong(at + 3 * WORD)) * K3;
        }
        for (; end - at >= WORD; at += WORD) {
            a = (a + UnsafeApi.getLong(at)) * K1;
        }
        for (; at < end; at++) {
            b = (b + UnsafeApi.getByte(at)) * K0;
        }
        return mixed(a) + Long.rotateLeft(b, 17) + Long.rotateLeft(c, 31) + Long.rotateLeft(d, 47);
    }

    /** Lets the high bits of a lane reach the low ones. */
    private static long mixed(long lane) {
        return lane ^ lane >>> 32;
    }
}
