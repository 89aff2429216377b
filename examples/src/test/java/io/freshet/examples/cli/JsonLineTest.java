package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class JsonLineTest {
    @Test
    void shouldLeavePlainTextAsItIs() {
        assertEquals("\"Zoë said: 小川 🌊 a/b\"", quoted("Zoë said: 小川 🌊 a/b"));
        assertEquals("\"\"", quoted(""));
    }

    @Test
    void shouldEscapeWhatJsonMustNotHoldInAString() {
        assertEquals("\"a\\\"b\\\\c\\nd\\re\\tf\\u0000g\\u001bh\"", quoted("a\"b\\c\nd\re\tf\u0000g\u001bh"));
    }

    @Test
    void shouldEscapeWhatSomeReadersTakeForTheEndOfALine() {
        assertEquals("\"\\u2028\\u2029\\u0085\\u007f\"", quoted("\u2028\u2029\u0085\u007f"));
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder();
        JsonLine.quote(out, text);
        return out.toString();
    }
}
