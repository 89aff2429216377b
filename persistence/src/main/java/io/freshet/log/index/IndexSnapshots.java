package io.freshet.log.index;

import io.freshet.log.LogFollower;
import io.freshet.log.index.OrderedStore.Table;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what an index keeps and a later one could not fold from the documents after a position: where the channels end
 * that have none there, and what followers keep. In pieces, each of which is one short look into the index; what changes between
 * two is folded from later documents anyway. Belongs to one thread.
 */
public final class IndexSnapshots implements AutoCloseable {
    /** Bytes of a piece; a single longer state makes it longer. */
    private static final int PIECE_LENGTH = 32 * 1024;

    /** Entries looked at for one piece. */
    private static final int LOOK_COUNT = 4096;

    private final IndexedLog source;
    private final OrderedStore.Reader reader;
    private final List<LogFollower> followers;
    private final ExpandableArrayBuffer piece = new ExpandableArrayBuffer(2 * PIECE_LENGTH);
    private final UnsafeBuffer key = new UnsafeBuffer(ByteBuffer.allocateDirect(32));
    private final UnsafeBuffer lastKey = new UnsafeBuffer(ByteBuffer.allocateDirect(32));
    private int lastKeyLength;
    private long position;
    private long oldest;
    private @Nullable Table table;
    private int length;

    IndexSnapshots(IndexedLog source, OrderedStore.Reader reader, List<LogFollower> followers) {
        this.source = source;
        this.reader = reader;
        this.followers = followers;
    }

    /** Begins with what must outlive the documents before this position. */
    public void start(long before) {
        position = before;
        oldest = source.oldestPosition();
        table = Table.TAILS;
        lastKeyLength = 0;
    }

    /** The next piece, the first also when it has nothing to tell; null when there is none left. <em>Transfers</em> it. */
    public @Nullable UnsafeBuffer next() {
        if (table == null) {
            return null;
        }
        length = SnapshotLayout.putHeader(piece, oldest);
        reader.renew();
        try {
            Table current = table;
            if (!lookFrom(current)) {
                table = current == Table.TAILS ? Table.STATES : null;
                lastKeyLength = 0;
            }
        } finally {
            reader.release();
        }
        UnsafeBuffer copy = new UnsafeBuffer(new byte[length]);
        copy.putBytes(0, piece, 0, length);
        return copy;
    }

    /** Goes on in the table until the piece is full; false at the table's end. */
    private boolean lookFrom(Table current) {
        boolean isFound;
        if (lastKeyLength == 0) {
            key.setMemory(0, key.capacity(), (byte) 0);
            isFound = reader.ceiling(
                    current, key, current == Table.TAILS ? IndexKeys.CHANNEL_KEY_LENGTH : IndexKeys.STATE_KEY_LENGTH);
        } else {
            isFound = reader.ceiling(current, lastKey, lastKeyLength)
                    && (reader.key().compareTo(lastSeen()) != 0 || reader.next());
        }
        for (int count = 0; isFound && count < LOOK_COUNT && length < PIECE_LENGTH; count++) {
            if (current == Table.TAILS) {
                takeTail();
            } else {
                takeState();
            }
            lastKeyLength = reader.key().capacity();
            lastKey.putBytes(0, reader.key(), 0, lastKeyLength);
            isFound = reader.next();
        }
        return isFound;
    }

    private UnsafeBuffer lastSeen() {
        return new UnsafeBuffer(lastKey, 0, lastKeyLength);
    }

    private void takeTail() {
        long lastPosition = reader.value().getLong(16, IndexKeys.VALUE_ORDER);
        if (lastPosition < position) {
            length = SnapshotLayout.putEnd(piece, length, IndexKeys.first(reader.key()), reader.value());
        }
    }

    private void takeState() {
        int id = reader.key().getInt(0, IndexKeys.KEY_ORDER);
        for (LogFollower follower : followers) {
            if (follower.id() == id
                    && follower.isCurrent(reader.value(), 0, reader.value().capacity())) {
                length = SnapshotLayout.putState(piece, length, reader.key(), reader.value());
            }
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
