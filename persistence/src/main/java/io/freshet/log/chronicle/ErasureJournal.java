package io.freshet.log.chronicle;

import io.freshet.log.document.DocumentLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * What is about to be written over a document in a roll file, kept in a file of its own until that is done: an end in the middle
 * would leave an envelope that does not match, and so a document lost. It holds marked heads, zeroes and checksums, never a
 * content that is to go. Redone before the log is looked at; to redo it twice does no harm. Belongs to one thread at a time.
 *
 * <pre>
 *  CRC32C of the rest u32 | length of the rest u32 | cycle u32 | position u64 | offset of the document in its file u64
 *  | { offset in the document u32, length u32, bytes }*
 * </pre>
 */
final class ErasureJournal {
    private static final int PREFIX_LENGTH = 8;
    private static final int HEAD_LENGTH = 20;
    private static final int CHANGE_HEAD_LENGTH = 8;

    private final Path shard;
    private final Path file;
    private ByteBuffer content = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

    ErasureJournal(Path shard) {
        this.shard = shard;
        file = shard.resolve("erasure");
    }

    /** Begins with the document at this position, at this offset in the roll file of its cycle. */
    void begin(int cycle, long position, long documentOffset) {
        content.clear().position(PREFIX_LENGTH);
        content.putInt(cycle).putLong(position).putLong(documentOffset);
    }

    /** Adds bytes that are to be written; borrows them. */
    void add(int offset, ByteBuffer bytes) {
        int needed = CHANGE_HEAD_LENGTH + bytes.remaining();
        if (content.remaining() < needed) {
            content = ByteBuffer.allocate(2 * (content.position() + needed))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(content.flip());
        }
        content.putInt(offset).putInt(bytes.remaining()).put(bytes);
    }

    /** Makes what was added durable. */
    void save() throws IOException {
        content.flip();
        int length = content.limit() - PREFIX_LENGTH;
        content.putInt(0, checksum(content)).putInt(Integer.BYTES, length);
        boolean isNew = !Files.exists(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            write(channel, content.duplicate(), 0);
            channel.force(true);
        }
        if (isNew) {
            RollFiles.forceDirectory(shard);
        }
    }

    private static int checksum(ByteBuffer whole) {
        CRC32C crc = new CRC32C();
        crc.update(whole.duplicate().position(PREFIX_LENGTH));
        return (int) crc.getValue();
    }

    /** Writes what was saved into the roll file. */
    void apply(Path rollFile) throws IOException {
        ByteBuffer in = content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        in.position(PREFIX_LENGTH + Integer.BYTES + Long.BYTES);
        long documentOffset = in.getLong();
        try (FileChannel channel = FileChannel.open(rollFile, StandardOpenOption.WRITE)) {
            while (in.hasRemaining()) {
                int offset = in.getInt();
                int length = in.getInt();
                write(channel, in.slice(in.position(), length), documentOffset + offset);
                in.position(in.position() + length);
            }
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        long next = at;
        while (bytes.hasRemaining()) {
            next += channel.write(bytes, next);
        }
    }

    /** It is done: nothing is to be redone. */
    void clear() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Does again what an end in the middle may have left half done, where the same document still lies; before the log is read. */
    boolean redo(Path directory) throws IOException {
        boolean isRedone = false;
        if (Files.exists(file) && load()) {
            Path rollFile = RollFiles.file(directory, content.getInt(PREFIX_LENGTH));
            if (Files.exists(rollFile) && isStillThere(rollFile)) {
                apply(rollFile);
                RollFileRepair.force(rollFile);
                isRedone = true;
            }
        }
        clear();
        return isRedone;
    }

    /**
     * Ends in a copy of the roll file of this cycle what is half done there, when it is that file; nothing may have been erased
     * between the copying and this. The journal stays.
     */
    void endInCopy(Path directory, int cycle) throws IOException {
        if (Files.exists(file) && load() && content.getInt(PREFIX_LENGTH) == cycle) {
            Path copy = RollFiles.file(directory, cycle);
            if (isStillThere(copy)) {
                apply(copy);
                RollFileRepair.force(copy);
            }
        }
    }

    private boolean load() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < PREFIX_LENGTH + HEAD_LENGTH) {
            return false;
        }
        int length = content.getInt(Integer.BYTES);
        if (length < HEAD_LENGTH || length > bytes.length - PREFIX_LENGTH) {
            return false;
        }
        content.limit(PREFIX_LENGTH + length);
        return content.getInt(0) == checksum(content);
    }

    private boolean isStillThere(Path rollFile) throws IOException {
        long position = content.getLong(PREFIX_LENGTH + Integer.BYTES);
        long at = content.getLong(PREFIX_LENGTH + Integer.BYTES + Long.BYTES);
        ByteBuffer head = ByteBuffer.allocate(DocumentLayout.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(rollFile, StandardOpenOption.READ)) {
            return channel.read(head, at) == DocumentLayout.HEADER_LENGTH
                    && head.getInt(DocumentLayout.MAGIC_OFFSET) == DocumentLayout.MAGIC
                    && head.getLong(DocumentLayout.POSITION_OFFSET) == position;
        }
    }
}
