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
 * What is about to be written over documents in a roll file, kept in a file of its own until that is done: an end in the middle
 * would leave an envelope that does not match, and so a document lost. It holds marked heads, zeroes and checksums, never a
 * content that is to go. Redone before the log is looked at; to redo it twice does no harm. Belongs to one thread at a time.
 *
 * <pre>
 *  CRC32C of the rest u32 | length of the rest u32 | cycle u32
 *  | { position u64 | offset of the document in its file u64 | length of its changes u32
 *      | { offset in the document u32, length u32, bytes }* }*
 * </pre>
 */
final class ErasureJournal {
    private static final int PREFIX_LENGTH = 8;
    private static final int HEAD_LENGTH = 4;
    private static final int DOCUMENT_HEAD_LENGTH = 20;
    private static final int CHANGE_HEAD_LENGTH = 8;

    private final Path shard;
    private final Path file;
    private ByteBuffer content = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    private int documentStart;

    ErasureJournal(Path shard) {
        this.shard = shard;
        file = shard.resolve("erasure");
    }

    /** Begins with documents in the roll file of a cycle. */
    void begin(int cycle) {
        content.clear().position(PREFIX_LENGTH);
        content.putInt(cycle);
    }

    /** Begins with the document at this position, at this offset in the file. */
    void beginDocument(long position, long documentOffset) {
        makeRoom(DOCUMENT_HEAD_LENGTH);
        documentStart = content.position();
        content.putLong(position).putLong(documentOffset).putInt(0);
    }

    /** Adds bytes that are to be written over the document that was begun; borrows them. */
    void add(int offset, ByteBuffer bytes) {
        makeRoom(CHANGE_HEAD_LENGTH + bytes.remaining());
        content.putInt(offset).putInt(bytes.remaining()).put(bytes);
        int changesStart = documentStart + DOCUMENT_HEAD_LENGTH;
        content.putInt(changesStart - Integer.BYTES, content.position() - changesStart);
    }

    /** Leaves out the document that was begun. */
    void dropDocument() {
        content.position(documentStart);
    }

    private void makeRoom(int needed) {
        if (content.remaining() < needed) {
            content = ByteBuffer.allocate(2 * (content.position() + needed))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(content.flip());
        }
    }

    /** Bytes of what was begun and not saved. */
    int length() {
        return content.position();
    }

    /** Whether no document was added. */
    boolean isEmpty() {
        return content.position() == PREFIX_LENGTH + HEAD_LENGTH;
    }

    /** Makes what was added durable. */
    void save() throws IOException {
        content.flip();
        int length = content.limit() - PREFIX_LENGTH;
        content.putInt(0, checksum(content)).putInt(Integer.BYTES, length);
        boolean isNew = !Files.exists(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            writeAll(channel, content.duplicate(), 0);
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

    /**
     * Writes what was saved into the roll file, document by document, where the same still lies.
     *
     * @param gate is closed while a document is written over
     * @return how many documents that were
     */
    int apply(Path rollFile, ErasureGate gate) throws IOException {
        ByteBuffer in = content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        in.position(PREFIX_LENGTH + HEAD_LENGTH);
        int count = 0;
        try (FileChannel channel = FileChannel.open(rollFile, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            while (in.hasRemaining()) {
                long position = in.getLong();
                long documentOffset = in.getLong();
                int length = in.getInt();
                ByteBuffer changes = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
                in.position(in.position() + length);
                if (isStillThere(channel, position, documentOffset)) {
                    gate.change(() -> write(channel, changes, documentOffset));
                    count++;
                }
            }
        }
        return count;
    }

    private static void write(FileChannel channel, ByteBuffer changes, long documentOffset) throws IOException {
        while (changes.hasRemaining()) {
            int offset = changes.getInt();
            int length = changes.getInt();
            writeAll(channel, changes.slice(changes.position(), length), documentOffset + offset);
            changes.position(changes.position() + length);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        long next = at;
        while (bytes.hasRemaining()) {
            next += channel.write(bytes, next);
        }
    }

    /** It is done: nothing is to be redone. */
    void clear() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Does again what an end in the middle may have left half done, before the log is read. */
    boolean redo(Path directory) throws IOException {
        return redo(directory, new ErasureGate());
    }

    /** The same while the log may be read. */
    boolean redo(Path directory, ErasureGate gate) throws IOException {
        int count = 0;
        if (Files.exists(file) && load()) {
            Path rollFile = RollFiles.file(directory, content.getInt(PREFIX_LENGTH));
            if (Files.exists(rollFile)) {
                count = apply(rollFile, gate);
                RollFileRepair.force(rollFile);
            }
        }
        clear();
        return count > 0;
    }

    /**
     * Ends in a copy of the roll file of this cycle what is half done there, when it is that file; nothing may have been erased
     * between the copying and this. The journal stays.
     */
    void endInCopy(Path directory, int cycle) throws IOException {
        if (Files.exists(file) && load() && content.getInt(PREFIX_LENGTH) == cycle) {
            Path copy = RollFiles.file(directory, cycle);
            if (apply(copy, new ErasureGate()) > 0) {
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

    private static boolean isStillThere(FileChannel channel, long position, long documentOffset) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(DocumentLayout.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        return channel.read(head, documentOffset) == DocumentLayout.HEADER_LENGTH
                && head.getInt(DocumentLayout.MAGIC_OFFSET) == DocumentLayout.MAGIC
                && head.getLong(DocumentLayout.POSITION_OFFSET) == position;
    }
}
