package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrameTypeTest {
    @ParameterizedTest
    @EnumSource
    void shouldBeFoundByItsNumber(FrameType type) {
        assertSame(type, FrameType.of(type.code()));
    }

    @Test
    void shouldNotKnowTheOtherNumbers() {
        assertNull(FrameType.of(0));
        for (int code = FrameType.values().length + 1; code < 256; code++) {
            assertNull(FrameType.of(code));
        }
    }
}
