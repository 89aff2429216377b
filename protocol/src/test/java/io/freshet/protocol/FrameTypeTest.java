package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
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
        Set<Integer> known =
                Arrays.stream(FrameType.values()).map(FrameType::code).collect(Collectors.toSet());
        for (int code = 0; code < 256; code++) {
            if (!known.contains(code)) {
                assertNull(FrameType.of(code));
            }
        }
    }
}
