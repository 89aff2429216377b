package io.freshet.log.index;

import static io.freshet.log.index.IndexKeys.VALUE_ORDER;

import io.freshet.log.ChannelDirectory;
import io.freshet.log.index.OrderedStore.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The channel directory in an {@link OrderedStore}: a name becomes durable with its id in one transaction. Any thread. */
public final class StoredDirectory implements ChannelDirectory, AutoCloseable {
    private final OrderedStore store;
    private final OrderedStore.Reader reader;
    private final UnsafeBuffer key = new UnsafeBuffer(ByteBuffer.allocateDirect(OrderedStore.MAX_KEY_LENGTH));
    private final UnsafeBuffer value = new UnsafeBuffer(ByteBuffer.allocateDirect(OrderedStore.MAX_KEY_LENGTH));

    /** The store belongs to the directory from now on. */
    public StoredDirectory(OrderedStore store) {
        this.store = store;
        reader = store.openReader();
    }

    @Override
    public synchronized long find(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return bytes.length == 0 || bytes.length > OrderedStore.MAX_KEY_LENGTH ? NO_CHANNEL : lookUp(bytes);
    }

    @Override
    public synchronized long findOrCreate(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > OrderedStore.MAX_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "a channel's name is 1 to " + OrderedStore.MAX_KEY_LENGTH + " bytes of UTF-8, not " + bytes.length);
        }
        long known = lookUp(bytes);
        return known != NO_CHANNEL ? known : create(bytes);
    }

    @Override
    public synchronized @Nullable String name(long channel) {
        reader.renew();
        try {
            if (!reader.get(Table.IDS, key, IndexKeys.channel(key, channel))) {
                return null;
            }
            DirectBuffer name = reader.value();
            byte[] bytes = new byte[name.capacity()];
            name.getBytes(0, bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } finally {
            reader.release();
        }
    }

    @Override
    public synchronized long count() {
        reader.renew();
        try {
            return Math.max(0, ShardIndexReader.meta(reader, key, IndexKeys.LAST_ID));
        } finally {
            reader.release();
        }
    }

    @Override
    public synchronized void close() {
        reader.close();
        store.close();
    }

    private long lookUp(byte[] name) {
        key.putBytes(0, name);
        reader.renew();
        try {
            return reader.get(Table.NAMES, key, name.length) ? reader.value().getLong(0, VALUE_ORDER) : NO_CHANNEL;
        } finally {
            reader.release();
        }
    }

    private long create(byte[] name) {
        long id = count() + 1;
        try (OrderedStore.Writer writer = store.begin()) {
            value.putLong(0, id, VALUE_ORDER);
            writer.put(Table.META, key, IndexKeys.meta(key, IndexKeys.LAST_ID, 0), value, 0, Long.BYTES);
            key.putBytes(0, name);
            writer.put(Table.NAMES, key, name.length, value, 0, Long.BYTES);
            value.putBytes(0, name);
            writer.put(Table.IDS, key, IndexKeys.channel(key, id), value, 0, name.length);
            writer.commit();
        }
        return id;
    }
}
