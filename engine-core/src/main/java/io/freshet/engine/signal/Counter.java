package io.freshet.engine.signal;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A named number that only rises. Owned by whoever owns the table that it is in. */
final class Counter {
    private final byte[] name;
    private long value;
    private boolean isMade;

    Counter(byte[] name) {
        this.name = name;
    }

    String name() {
        return new String(name, StandardCharsets.UTF_8);
    }

    boolean isNamed(ByteBuf buffer, int offset, int length) {
        if (length != name.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(offset + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    boolean isNamed(Counter other) {
        return Arrays.equals(name, other.name);
    }

    long value() {
        return value;
    }

    /** Stays at the greatest number rather than to begin anew. */
    void add(long more) {
        value = value + more < 0 ? Long.MAX_VALUE : value + more;
    }

    /** Whether somebody has counted who may make a counter that there is not. */
    boolean isMade() {
        return isMade;
    }

    void made() {
        isMade = true;
    }

    /** One more of the same name and value. */
    Counter copy() {
        Counter copy = new Counter(name);
        copy.value = value;
        copy.isMade = isMade;
        return copy;
    }
}
