package io.freshet.examples.cli;

import io.freshet.client.ReceivedRecord;
import java.nio.charset.StandardCharsets;

/**
 * One record as a JSON object (RFC 8259) in one line. Written by hand: five fixed members need the escaping of strings
 * and nothing else of a JSON library.
 */
final class JsonLine {
    private JsonLine() {}

    static byte[] of(ReceivedRecord record) {
        StringBuilder json = new StringBuilder(128).append("{\"channel\":");
        quote(json, record.channelName());
        json.append(",\"sequence\":").append(record.sequence());
        json.append(",\"timestamp_us\":").append(record.timestampUs());
        json.append(",\"sender\":").append(Long.toUnsignedString(record.sender()));
        if (record.isErased()) {
            json.append(",\"erased\":true");
        } else {
            json.append(",\"text\":");
            quote(json, record.text());
        }
        return json.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (isPlain(c)) {
                        out.append(c);
                    } else {
                        out.append(String.format("\\u%04x", (int) c));
                    }
                }
            }
        }
        out.append('"');
    }

    /** Control characters must be escaped, and the two line separators are, for readers that split at them. */
    private static boolean isPlain(char c) {
        return c >= ' ' && !(c >= 0x7F && c <= 0x9F) && c != 0x2028 && c != 0x2029;
    }
}
