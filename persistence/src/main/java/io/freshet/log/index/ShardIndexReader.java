package io.freshet.log.index;

import static io.freshet.log.index.IndexKeys.VALUE_ORDER;

import io.freshet.log.ChannelTail;
import io.freshet.log.IndexReader;
import io.freshet.log.MessageLog;
import io.freshet.log.index.OrderedStore.Table;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Looks up a shard's index; each call sees the latest checkpoint. Belongs to one thread. */
final class ShardIndexReader implements IndexReader {
    private final OrderedStore.Reader reader;
    private final UnsafeBuffer key = new UnsafeBuffer(ByteBuffer.allocateDirect(32));
    private final ChannelTail tail = new ChannelTail();
    /** How many calls of {@link #together} the present one is within. */
    private int heldCount;

    ShardIndexReader(OrderedStore.Reader reader) {
        this.reader = reader;
    }

    @Override
    public long find(long channel, long sequence) {
        renew();
        try {
            return readTail(channel, tail) && sequence <= tail.lastSequence
                    ? positionOf(channel, sequence)
                    : meta(reader, key, IndexKeys.CHECKPOINT);
        } finally {
            release();
        }
    }

    @Override
    public boolean tail(long channel, ChannelTail into) {
        renew();
        try {
            return readTail(channel, into);
        } finally {
            release();
        }
    }

    @Override
    public long lastSequenceBefore(long channel, long position) {
        renew();
        try {
            if (!readTail(channel, tail)) {
                return 0;
            }
            return tail.lastPosition < position ? tail.lastSequence : searchLastBefore(channel, position);
        } finally {
            release();
        }
    }

    @Override
    public void states(int follower, long channel, long fromKey1, long toKey1, StateVisitor visitor) {
        renew();
        try {
            visitStates(reader, key, follower, channel, fromKey1, toKey1, visitor);
        } finally {
            release();
        }
    }

    @Override
    public boolean state(int follower, long channel, long key1, long key2, StateVisitor visitor) {
        renew();
        try {
            return visitState(reader, key, follower, channel, key1, key2, visitor);
        } finally {
            release();
        }
    }

    @Override
    public void searchStates(int follower, long channel, long fromKey1, long toKey1, StateSearch search) {
        renew();
        try {
            search(reader, key, follower, channel, fromKey1, toKey1, search);
        } finally {
            release();
        }
    }

    @Override
    public <T> T together(Supplier<T> lookups) {
        renew();
        try {
            return lookups.get();
        } finally {
            release();
        }
    }

    private void renew() {
        if (heldCount == 0) {
            reader.renew();
        }
        heldCount++;
    }

    private void release() {
        heldCount--;
        if (heldCount == 0) {
            reader.release();
        }
    }

    @Override
    public void close() {
        reader.close();
    }

    /** Position of the run that holds the sequence, or of the first after it when it is no longer kept. */
    private long positionOf(long channel, long sequence) {
        if (floorBlock(channel, sequence)) {
            return RunBlock.position(reader.value(), RunBlock.floor(reader.value(), sequence));
        }
        boolean isFound = reader.ceiling(Table.RUNS, key, IndexKeys.run(key, channel, sequence));
        return isFound && IndexKeys.first(reader.key()) == channel
                ? RunBlock.position(reader.value(), 0)
                : meta(reader, key, IndexKeys.CHECKPOINT);
    }

    /**
     * Positions rise with sequences, so that this is a search by halves, over what has expired as well. What lay in freed files was
     * before the oldest that is there; where in them, nobody knows, and a number that is too large would be a wrong one.
     */
    private long searchLastBefore(long channel, long position) {
        boolean isWithinKept = position >= meta(reader, key, IndexKeys.OLDEST);
        boolean isFound = reader.ceiling(Table.RUNS, key, IndexKeys.run(key, channel, 0))
                && IndexKeys.first(reader.key()) == channel;
        long low = isFound ? RunBlock.sequence(reader.value(), 0) : tail.firstSequence;
        long high = tail.lastSequence;
        long found = isWithinKept ? low - 1 : 0;
        while (low <= high) {
            long middle = low + (high - low) / 2;
            if (!floorBlock(channel, middle)) {
                low = middle + 1;
                continue;
            }
            DirectBuffer block = reader.value();
            int entry = RunBlock.floor(block, middle);
            long first = RunBlock.sequence(block, entry);
            if (RunBlock.position(block, entry) < position) {
                found = first + RunBlock.recordCount(block, entry) - 1;
                low = Math.max(middle, found) + 1;
            } else {
                high = first - 1;
            }
        }
        return found;
    }

    private boolean floorBlock(long channel, long sequence) {
        return reader.floor(Table.RUNS, key, IndexKeys.run(key, channel, sequence))
                && IndexKeys.first(reader.key()) == channel;
    }

    private boolean readTail(long channel, ChannelTail into) {
        if (!reader.get(Table.TAILS, key, IndexKeys.channel(key, channel))) {
            return false;
        }
        DirectBuffer value = reader.value();
        into.firstSequence = value.getLong(0, VALUE_ORDER);
        into.lastSequence = value.getLong(8, VALUE_ORDER);
        into.lastPosition = value.getLong(16, VALUE_ORDER);
        into.lastTimeUs = value.getLong(24, VALUE_ORDER);
        return true;
    }

    static long meta(OrderedStore.Reader reader, UnsafeBuffer key, int code) {
        return reader.get(Table.META, key, IndexKeys.meta(key, code, 0))
                ? reader.value().getLong(0, VALUE_ORDER)
                : MessageLog.NULL_POSITION;
    }

    static void visitStates(
            OrderedStore.Reader reader,
            UnsafeBuffer key,
            int follower,
            long channel,
            long fromKey1,
            long toKey1,
            StateVisitor visitor) {
        search(reader, key, follower, channel, fromKey1, toKey1, (key1, key2, value, offset, length) -> {
            visitor.onState(key1, key2, value, offset, length);
            return true;
        });
    }

    private static void search(
            OrderedStore.Reader reader,
            UnsafeBuffer key,
            int follower,
            long channel,
            long fromKey1,
            long toKey1,
            StateSearch search) {
        boolean isFound = reader.ceiling(Table.STATES, key, IndexKeys.state(key, follower, channel, fromKey1, 0));
        while (isFound
                && reader.key().getInt(0, IndexKeys.KEY_ORDER) == follower
                && reader.key().getLong(4, IndexKeys.KEY_ORDER) == channel
                && Long.compareUnsigned(reader.key().getLong(12, IndexKeys.KEY_ORDER), toKey1) <= 0) {
            DirectBuffer found = reader.key();
            DirectBuffer value = reader.value();
            long key1 = found.getLong(12, IndexKeys.KEY_ORDER);
            long key2 = found.getLong(20, IndexKeys.KEY_ORDER);
            isFound = search.onState(key1, key2, value, 0, value.capacity()) && reader.next();
        }
    }

    static boolean visitState(
            OrderedStore.Reader reader,
            UnsafeBuffer key,
            int follower,
            long channel,
            long key1,
            long key2,
            StateVisitor visitor) {
        if (!reader.get(Table.STATES, key, IndexKeys.state(key, follower, channel, key1, key2))) {
            return false;
        }
        DirectBuffer value = reader.value();
        visitor.onState(key1, key2, value, 0, value.capacity());
        return true;
    }
}
