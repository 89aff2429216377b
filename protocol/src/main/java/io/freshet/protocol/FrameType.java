package io.freshet.protocol;

import org.jspecify.annotations.Nullable;

/** Types of frames by their number on the wire. Numbers are never reused. */
public enum FrameType {
    HELLO(1),
    CONNECT(2),
    WELCOME(3),
    OPEN(4),
    OPENED(5),
    CLOSE(6),
    CLOSED(7),
    RECORD(8),
    PUBLISHED(9),
    GAP(10),
    FETCH(11),
    PAGE(12),
    EPOCH(13),
    PING(14),
    PONG(15),
    GOAWAY(16),
    ERROR(17),
    SIGNAL(18),
    REQUEST(19),
    RESPONSE(20),
    RENEW(23),
    RENEWED(24),
    PUSH(25);

    private static final @Nullable FrameType[] BY_CODE = new @Nullable FrameType[256];

    static {
        for (FrameType type : values()) {
            if (BY_CODE[type.code] != null) {
                throw new ExceptionInInitializerError("two frame types have code " + type.code);
            }
            BY_CODE[type.code] = type;
        }
    }

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The type with this number, or null when it is unknown. */
    public static @Nullable FrameType of(int code) {
        return BY_CODE[code & 0xFF];
    }
}
