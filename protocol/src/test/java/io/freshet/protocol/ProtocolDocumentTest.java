package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.freshet.protocol.v1.Freshet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** PROTOCOL.md says what the code does: its tables are compared with the enums, the messages and the vectors. */
class ProtocolDocumentTest {
    private final String document = read(Path.of("PROTOCOL.md"));

    @Test
    void shouldListEveryFrameTypeWithItsNumber() {
        Map<Integer, String> expected = new TreeMap<>();
        for (FrameType type : FrameType.values()) {
            expected.put(type.code(), type.name());
        }
        assertEquals(expected, table(section("## 2."), "\\| (\\d+) \\| ([A-Z]+) \\|"));
    }

    @Test
    void shouldListEveryErrorCodeWithItsNumber() {
        Map<Integer, String> expected = new TreeMap<>();
        for (ErrorCode code : ErrorCode.values()) {
            expected.put(code.number(), code.name());
        }
        assertEquals(expected, table(section("## 11."), "\\| (\\d+) \\| ([A-Z_]+) \\|"));
    }

    @Test
    void shouldReserveOnlyFreeTypeNumbers() {
        Map<Integer, String> reserved = table(section("## 14."), "\\| (\\d+) (?:to \\d+ )?\\| ([A-Za-z]+)");
        assertEquals(Set.of(0, 21, 22, 26, 240), reserved.keySet());
        reserved.keySet().forEach(number -> assertNull(FrameType.of(number)));
    }

    @Test
    void shouldListEveryFieldOfEveryFrame() {
        for (FrameType type : FrameType.values()) {
            List<String> expected = new ArrayList<>();
            for (FieldDescriptor field : message(type).getFields()) {
                expected.add(field.getNumber() + " " + field.getName() + " " + typeName(field));
            }
            List<String> listed =
                    matches(section("### " + type + "\n"), "\\| (\\d+) \\| (\\w+) \\| ([\\w ]+) \\|").stream()
                            .map(row -> row.group(1) + " " + row.group(2) + " " + row.group(3))
                            .toList();
            assertEquals(expected, listed, "the table of " + type);
        }
    }

    @Test
    void shouldNameEveryHostileVectorAndNoOther() {
        Set<String> all = new TreeSet<>();
        Set<String> hostile = new TreeSet<>();
        for (Vector vector : Vector.all()) {
            all.add(vector.name());
            if (vector.file().startsWith("hostile") || vector.outcome().equals("refuse")) {
                hostile.add(vector.name());
            }
        }
        Set<String> named = new TreeSet<>();
        matches(section("## 13."), "`([\\w-]+)`").forEach(match -> named.add(match.group(1)));

        assertTrue(all.containsAll(named), () -> "no such vectors: " + without(named, all));
        assertTrue(named.containsAll(hostile), () -> "not in the table: " + without(hostile, named));
    }

    @Test
    void shouldStateTheCodeThatTheVectorsExpect() {
        Map<String, String> outcomes = new TreeMap<>();
        for (MatchResult row : matches(section("## 13."), "(?m)^\\| [^|]+ \\| ([^|]+) \\| ([^|]+) \\|$")) {
            matches(row.group(2), "`([\\w-]+)`").forEach(name -> outcomes.put(name.group(1), row.group(1)));
        }
        for (Vector vector : Vector.all()) {
            String outcome = outcomes.get(vector.name());
            boolean hasCode =
                    vector.outcome().equals("reject") || vector.outcome().equals("refuse");
            if (outcome != null && hasCode && !outcome.startsWith("its code")) {
                assertTrue(outcome.contains(vector.code().name()), () -> vector + " is not " + outcome);
            }
        }
    }

    private static Descriptor message(FrameType type) {
        for (var message : Freshet.getDescriptor().getMessageTypes()) {
            if (message.getName().toUpperCase(Locale.ROOT).equals(type.name())) {
                return message;
            }
        }
        throw new AssertionError("no message for " + type);
    }

    private static String typeName(FieldDescriptor field) {
        String name = switch (field.getType()) {
            case MESSAGE -> field.getMessageType().getName();
            case ENUM -> field.getEnumType().getName();
            default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
        boolean isOptional = field.toProto().getProto3Optional();
        return (field.isRepeated() ? "repeated " : isOptional ? "optional " : "") + name;
    }

    /** The text from this heading to the next of its level or above. */
    private String section(String heading) {
        int start = document.indexOf("\n" + heading) + 1;
        assertTrue(start > 0, "no heading " + heading);
        int end = document.length();
        for (String next : List.of("\n## ", heading.startsWith("### ") ? "\n### " : "\n## ")) {
            int at = document.indexOf(next, start);
            end = at < 0 ? end : Math.min(end, at);
        }
        return document.substring(start, end) + "\n";
    }

    private static Map<Integer, String> table(String text, String regex) {
        Map<Integer, String> rows = new TreeMap<>();
        for (MatchResult row : matches(text, "(?m)^" + regex)) {
            assertNull(rows.put(Integer.parseInt(row.group(1)), row.group(2)), "twice: " + row.group(1));
        }
        return rows;
    }

    private static List<MatchResult> matches(String text, String regex) {
        return Pattern.compile(regex).matcher(text).results().toList();
    }

    private static Set<String> without(Set<String> some, Set<String> others) {
        Set<String> rest = new TreeSet<>(some);
        rest.removeAll(others);
        return rest;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
