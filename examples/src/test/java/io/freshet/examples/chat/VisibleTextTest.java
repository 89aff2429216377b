package io.freshet.examples.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VisibleTextTest {
    @ParameterizedTest
    @CsvSource({
        "1b, ␛[31m", // an escape sequence
        "07, ␇[31m",
        "0d, ␍[31m", // would overwrite the line
        "08, ␈[31m",
        "7f, ␡[31m",
        "9b, <U+009B>[31m", // the same as an escape and a bracket
        "202e, <U+202E>[31m", // reverses what follows
        "2066, <U+2066>[31m",
        "200b, <U+200B>[31m",
        "2028, <U+2028>[31m",
        "e0041, <U+E0041>[31m", // a tag that nobody sees
        "d800, <U+D800>[31m" // half a character
    })
    void shouldShowWhatATerminalWouldExecute(String hex, String shown) {
        assertEquals(shown, VisibleText.line(Character.toString(Integer.parseInt(hex, 16)) + "[31m"));
    }

    @Test
    void shouldLeaveWhatPeopleWriteAsItIs() {
        for (String text : new String[] {"Grüße, мир, 世界", "👩‍👩‍👧 👍🏽", "a b", "עברית"}) {
            assertEquals(text, VisibleText.line(text));
        }
    }

    @Test
    void shouldKeepLinesWhereTheyAreWanted() {
        assertEquals("a\nb", VisibleText.lines("a\nb"));
        assertEquals("a␊b", VisibleText.line("a\nb"));
    }

    @Test
    void shouldLetNoControlThrough() {
        StringBuilder every = new StringBuilder();
        for (int each = 0; each <= Character.MAX_CODE_POINT; each++) {
            every.appendCodePoint(each);
        }
        assertTrue(VisibleText.line(every.toString()).codePoints().noneMatch(Character::isISOControl));
    }
}
