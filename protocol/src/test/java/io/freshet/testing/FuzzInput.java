package io.freshet.testing;

import java.util.Arrays;

/** Reads numbers and pieces from a fuzzed input, from its beginning; behind its end everything is 0 or empty. */
public final class FuzzInput {
    private final byte[] bytes;
    private int at;

    /** Retains the array. */
    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean isEmpty() {
        return at >= bytes.length;
    }

    /** The next byte, 0 to 255. */
    public int next() {
        return isEmpty() ? 0 : bytes[at++] & 0xFF;
    }

    /** The next byte as a number below {@code bound}, which is 256 at most. */
    public int below(int bound) {
        return next() % bound;
    }

    /** The next two bytes, little-endian. */
    public int nextU16() {
        return next() | next() << Byte.SIZE;
    }

    /** The next four bytes, little-endian. */
    public int nextInt() {
        return nextU16() | nextU16() << Short.SIZE;
    }

    /** The next eight bytes, little-endian. */
    public long nextLong() {
        return Integer.toUnsignedLong(nextInt()) | (long) nextInt() << Integer.SIZE;
    }

    /** The next bytes, {@code length} of them or as many as are left. */
    public byte[] take(int length) {
        int end = Math.min(bytes.length, at + length);
        byte[] taken = Arrays.copyOfRange(bytes, at, end);
        at = end;
        return taken;
    }

    /** All bytes that are left. */
    public byte[] rest() {
        return take(bytes.length - at);
    }
}
