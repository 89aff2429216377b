package io.freshet.log.memory;

import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.document.DocumentView;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/** Reads a {@link MemoryShard}, each document copied into a buffer of its own. Belongs to one thread. */
final class MemoryReader implements LogReader {
    private final MemoryShard shard;
    private final ByteBuffer buffer;
    private final DocumentView view = new DocumentView();
    private long nextPosition;

    MemoryReader(MemoryShard shard, int maxDocumentLength) {
        this.shard = shard;
        buffer = ByteBuffer.allocateDirect(maxDocumentLength);
    }

    @Override
    public void toStart() {
        nextPosition = 0;
    }

    @Override
    public boolean seek(long position) {
        nextPosition = Math.max(0, position);
        return shard.has(position);
    }

    @Override
    public boolean next() {
        byte[] document = shard.ceiling(nextPosition);
        if (document == null) {
            return false;
        }
        buffer.put(0, document);
        if (!view.wrap(BufferUtil.address(buffer), document.length)) {
            throw new IllegalStateException("a document in memory is damaged");
        }
        nextPosition = view.position() + 1;
        return true;
    }

    @Override
    public LogDocument document() {
        return view;
    }

    @Override
    public void close() {}
}
