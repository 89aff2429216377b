package io.freshet.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads small files whole (settings, keys, tokens), and no others. It counts what it has read instead of asking for the
 * length first: a device has none, and a file may grow meanwhile. Any thread; blocks on the disk.
 */
public final class WholeFile {
    private WholeFile() {}

    /**
     * The bytes of a file.
     *
     * @param maxLength bytes that it may have
     * @throws IOException when it cannot be read or has more; the message names it and shows nothing of it
     */
    public static byte[] bytes(Path file, int maxLength) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxLength + 1);
            if (bytes.length > maxLength) {
                throw new IOException(file + " is longer than " + maxLength + " bytes");
            }
            return bytes;
        }
    }

    /**
     * The text of a file in UTF-8.
     *
     * @param maxLength bytes that it may have
     * @throws IOException when it cannot be read, has more, or is not UTF-8; the message names it and shows nothing of it
     */
    public static String text(Path file, int maxLength) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(file, maxLength));
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not text in UTF-8", e);
        }
    }
}
