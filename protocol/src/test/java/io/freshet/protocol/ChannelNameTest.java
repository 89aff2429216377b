package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "lobby", "#ubuntu", "two words", "Ручей", "小川", "🌊", "a/b.c:d", "e\u0301", "\u200B"})
    void shouldAcceptAnyTextInOneLine(String name) {
        assertNull(ChannelName.violation(name));
        assertSame(name, ChannelName.checked(name));
    }

    @Test
    void shouldCountBytesAndNotCharacters() {
        assertNull(ChannelName.violation("n".repeat(255)));
        assertNull(ChannelName.violation("я".repeat(127) + "n"));
        assertNull(ChannelName.violation("小".repeat(85)));
        assertNull(ChannelName.violation("🌊".repeat(63) + "nnn"));
        assertEquals("a channel name has 256 bytes; the limit is 255", ChannelName.violation("n".repeat(256)));
        assertEquals("a channel name has 256 bytes; the limit is 255", ChannelName.violation("я".repeat(128)));
        assertEquals("a channel name has 258 bytes; the limit is 255", ChannelName.violation("小".repeat(86)));
        assertEquals("a channel name has 256 bytes; the limit is 255", ChannelName.violation("🌊".repeat(64)));
        assertEquals("a channel name has 30000 bytes; the limit is 255", ChannelName.violation("小".repeat(10000)));
    }

    @Test
    void shouldRefuseEveryControlCharacterAnywhere() {
        for (int c = 0; c < 0xA0; c++) {
            boolean isControl = c < 0x20 || c >= 0x7F;
            assertEquals(isControl, ChannelName.violation("a" + (char) c + "b") != null, "character " + c);
        }
    }

    @Test
    void shouldRefuseWhiteSpaceAtTheEndsOnly() {
        for (char c : " \u00A0\u1680\u2000\u200A\u2028\u2029\u202F\u205F\u3000".toCharArray()) {
            assertNotNull(ChannelName.violation(c + "name"));
            assertNotNull(ChannelName.violation("name" + c));
            assertNotNull(ChannelName.violation(String.valueOf(c)));
            assertNull(ChannelName.violation("na" + c + "me"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD83C", "a\uDF0Ab", "\uDF0A\uD83C"})
    void shouldRefuseWhatIsNotUnicode(String name) {
        assertNotNull(ChannelName.violation(name));
    }

    @Test
    void shouldThrowInvalidNameWithTheSentence() {
        FreshetException e = assertThrows(FreshetException.class, () -> ChannelName.checked(""));

        assertEquals(ErrorCode.INVALID_NAME, e.code());
        assertEquals("a channel name is empty", e.getMessage());
    }
}
