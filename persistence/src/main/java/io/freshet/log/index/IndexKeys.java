package io.freshet.log.index;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * How keys and values of the index lie in bytes. Keys are big-endian so that bytes order as numbers do, values
 * little-endian.
 *
 * <pre>
 *  RUNS    channel u64 | first sequence of the block u64  →  up to 64 × (first sequence u64, position u64, count u32)
 *  TAILS   channel u64                                    →  first, last sequence, last position, last time (4 × u64)
 *  STATES  follower u32 | channel u64 | key1 u64 | key2 u64  →  what the follower put
 *  META    code u32 | follower u32                        →  u64
 * </pre>
 */
final class IndexKeys {
    static final ByteOrder KEY_ORDER = ByteOrder.BIG_ENDIAN;
    static final ByteOrder VALUE_ORDER = ByteOrder.LITTLE_ENDIAN;

    static final int CHANNEL_KEY_LENGTH = 8;
    static final int RUN_KEY_LENGTH = 16;
    static final int STATE_CHANNEL_KEY_LENGTH = 12;
    static final int STATE_KEY_LENGTH = 28;
    static final int META_KEY_LENGTH = 8;
    static final int TAIL_LENGTH = 32;

    /** Codes of META. */
    static final int CHECKPOINT = 1;

    static final int LOG_ID = 2;
    static final int OLDEST = 3;
    static final int FOLLOWER = 4;
    static final int LAST_ID = 5;
    static final int BUILT_FROM = 6;

    private IndexKeys() {}

    static int meta(MutableDirectBuffer key, int code, int follower) {
        key.putInt(0, code, KEY_ORDER);
        key.putInt(4, follower, KEY_ORDER);
        return META_KEY_LENGTH;
    }

    static int channel(MutableDirectBuffer key, long channel) {
        key.putLong(0, channel, KEY_ORDER);
        return CHANNEL_KEY_LENGTH;
    }

    static int run(MutableDirectBuffer key, long channel, long sequence) {
        key.putLong(0, channel, KEY_ORDER);
        key.putLong(8, sequence, KEY_ORDER);
        return RUN_KEY_LENGTH;
    }

    static int state(MutableDirectBuffer key, int follower, long channel, long key1, long key2) {
        key.putInt(0, follower, KEY_ORDER);
        key.putLong(4, channel, KEY_ORDER);
        key.putLong(12, key1, KEY_ORDER);
        key.putLong(20, key2, KEY_ORDER);
        return STATE_KEY_LENGTH;
    }

    static long first(DirectBuffer key) {
        return key.getLong(0, KEY_ORDER);
    }

    static long second(DirectBuffer key) {
        return key.getLong(8, KEY_ORDER);
    }
}
