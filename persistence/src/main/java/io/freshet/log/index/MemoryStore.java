package io.freshet.log.index;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An {@link OrderedStore} in memory. Any thread, as the interface says; readers wait while a writer is open, so that it
 * may change the tables in place.
 */
public final class MemoryStore implements OrderedStore {
    private final Map<Table, TreeMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable MemoryWriter open;
    private volatile Runnable stepListener = () -> {};

    public MemoryStore() {
        for (Table table : Table.values()) {
            tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
        }
    }

    /** Runs before and after each commit, on the thread that makes it. */
    public void stepListener(Runnable listener) {
        stepListener = listener;
    }

    /** Undoes what a writer that will never come back has not committed. */
    public void recover() {
        if (open != null) {
            open.close();
        }
    }

    @Override
    public Writer begin() {
        lock.writeLock().lock();
        open = new MemoryWriter();
        return open;
    }

    @Override
    public Reader openReader() {
        return new MemoryReader();
    }

    @Override
    public void close() {
        // Lives as long as the disk that it stands for.
    }

    private NavigableMap<byte[], byte[]> table(Table table) {
        return Objects.requireNonNull(tables.get(table));
    }

    private static byte[] bytes(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    private class MemoryReader implements Reader {
        private final UnsafeBuffer key = new UnsafeBuffer(0, 0);
        private final UnsafeBuffer value = new UnsafeBuffer(0, 0);
        private Table asked = Table.META;
        private byte[] found = {};

        @Override
        public void renew() {
            lock.readLock().lock();
        }

        @Override
        public void release() {
            lock.readLock().unlock();
        }

        @Override
        public boolean get(Table table, DirectBuffer wanted, int keyLength) {
            byte[] bytes = bytes(wanted, 0, keyLength);
            Map.Entry<byte[], byte[]> entry = table(table).ceilingEntry(bytes);
            return show(table, entry != null && Arrays.equals(entry.getKey(), bytes) ? entry : null);
        }

        @Override
        public boolean floor(Table table, DirectBuffer wanted, int keyLength) {
            return show(table, table(table).floorEntry(bytes(wanted, 0, keyLength)));
        }

        @Override
        public boolean ceiling(Table table, DirectBuffer wanted, int keyLength) {
            return show(table, table(table).ceilingEntry(bytes(wanted, 0, keyLength)));
        }

        @Override
        public boolean next() {
            return show(asked, table(asked).higherEntry(found));
        }

        private boolean show(Table table, Map.@Nullable Entry<byte[], byte[]> entry) {
            if (entry == null) {
                return false;
            }
            asked = table;
            found = entry.getKey();
            key.wrap(found);
            value.wrap(entry.getValue());
            return true;
        }

        @Override
        public DirectBuffer key() {
            return key;
        }

        @Override
        public DirectBuffer value() {
            return value;
        }

        @Override
        public void close() {}
    }

    private final class MemoryWriter extends MemoryReader implements Writer {
        private final Deque<Runnable> undo = new ArrayDeque<>();

        @Override
        public void renew() {}

        @Override
        public void release() {}

        @Override
        public void put(Table table, DirectBuffer key, int keyLength, DirectBuffer value, int offset, int length) {
            change(table, bytes(key, 0, keyLength), bytes(value, offset, length));
        }

        @Override
        public boolean remove(Table table, DirectBuffer key, int keyLength) {
            return change(table, bytes(key, 0, keyLength), null);
        }

        private boolean change(Table table, byte[] key, byte @Nullable [] value) {
            NavigableMap<byte[], byte[]> entries = table(table);
            byte[] old = value == null ? entries.remove(key) : entries.put(key, value);
            undo.push(() -> {
                if (old == null) {
                    entries.remove(key);
                } else {
                    entries.put(key, old);
                }
            });
            return old != null;
        }

        @Override
        public void commit() {
            stepListener.run();
            undo.clear();
            close();
            stepListener.run();
        }

        @Override
        public void close() {
            if (open == this) {
                undo.forEach(Runnable::run);
                open = null;
                if (lock.writeLock().isHeldByCurrentThread()) {
                    lock.writeLock().unlock();
                }
            }
        }
    }
}
