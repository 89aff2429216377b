package io.freshet.examples.cli;

import io.freshet.engine.Principal;
import io.freshet.protocol.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Files with secrets. No message of a failure shows any of it. */
final class TokenFile {
    private static final int MAX_SECRET_LENGTH = 64 * 1024;
    private static final int MAX_LIST_LENGTH = 4 << 20;

    private TokenFile() {}

    /** The bytes of a file, 64 KiB at most, without one line feed at its end. */
    static byte[] secret(Path file) {
        try {
            byte[] bytes = WholeFile.bytes(file, MAX_SECRET_LENGTH);
            int length = bytes.length;
            if (length > 0 && bytes[length - 1] == '\n') {
                length--;
            }
            return Arrays.copyOf(bytes, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Principals by their tokens, from lines of an id, a name and a token; a file of 4 MiB at most.
     *
     * @throws IllegalArgumentException that names the line which is wrong, and shows nothing of it
     */
    static Map<String, Principal> principals(Path file) {
        List<String> lines;
        try {
            lines = WholeFile.text(file, MAX_LIST_LENGTH).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Principal> principals = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.split("\\s+", -1);
            if (words.length != 3 || !words[0].matches("[1-9][0-9]{0,17}")) {
                throw new IllegalArgumentException(
                        file + ":" + (i + 1) + ": not a line of an id from 1, a name and a token");
            }
            if (principals.put(words[2], new Principal(Long.parseLong(words[0]), words[1])) != null) {
                throw new IllegalArgumentException(file + ":" + (i + 1) + ": a token that is there already");
            }
        }
        return principals;
    }
}
