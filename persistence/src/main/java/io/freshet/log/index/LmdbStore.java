package io.freshet.log.index;

import io.freshet.log.StorageException;
import io.freshet.log.StorageException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.CopyFlags;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.DirectBufferProxy;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.LmdbNativeException;
import org.lmdbjava.SeekOp;
import org.lmdbjava.Txn;

/**
 * An {@link OrderedStore} in an LMDB environment of its own, with durable commits. Any thread, as the interface says.
 *
 * <p>The map's size is doubled when a transaction does not fit: LMDB allows that only while nobody looks at the map, so
 * look-ups hold a shared lock, and the writer keeps what it was told to do until the commit, to do it again.
 */
public final class LmdbStore implements OrderedStore {
    private static final String DATA_FILE = "data.mdb";
    private static final int MAX_READERS = 1024;
    private static final int ENOSPC = 28;
    private static final int EDQUOT = 122;
    private static final byte PUT = 1;
    private static final byte REMOVE = 2;

    private final Env<DirectBuffer> env;
    private final Map<Table, Dbi<DirectBuffer>> tables = new EnumMap<>(Table.class);
    private final ReentrantReadWriteLock mapLock = new ReentrantReadWriteLock();
    private final ExpandableDirectByteBuffer redo = new ExpandableDirectByteBuffer(4096);
    private long mapLength;

    /** Opens or makes the environment in this directory. */
    public LmdbStore(Path directory, long mapLength) throws IOException {
        Files.createDirectories(directory);
        Path data = directory.resolve(DATA_FILE);
        long needed = Files.exists(data) ? Files.size(data) * 2 : 0;
        this.mapLength = Math.max(mapLength, needed);
        env = open(directory, this.mapLength, EnvFlags.MDB_NOTLS, EnvFlags.MDB_NORDAHEAD);
        openTables(DbiFlags.MDB_CREATE);
    }

    private LmdbStore(Env<DirectBuffer> env) {
        this.env = env;
        openTables();
    }

    /**
     * Opens an environment to look at it; nothing is written, apart from the lock file of one that is in use. Not for one
     * that this process has open.
     *
     * @param isInUse whether another process may write to it meanwhile
     */
    public static LmdbStore openForReading(Path directory, boolean isInUse) {
        EnvFlags[] flags = isInUse
                ? new EnvFlags[] {EnvFlags.MDB_NOTLS, EnvFlags.MDB_RDONLY_ENV}
                : new EnvFlags[] {EnvFlags.MDB_NOTLS, EnvFlags.MDB_RDONLY_ENV, EnvFlags.MDB_NOLOCK};
        return new LmdbStore(open(directory, 0, flags));
    }

    private static Env<DirectBuffer> open(Path directory, long mapLength, EnvFlags... flags) {
        return Env.create(DirectBufferProxy.PROXY_DB)
                .setMapSize(mapLength)
                .setMaxDbs(Table.values().length)
                .setMaxReaders(MAX_READERS)
                .open(directory.toFile(), flags);
    }

    private void openTables(DbiFlags... flags) {
        try {
            for (Table table : Table.values()) {
                tables.put(table, env.openDbi(table.name().toLowerCase(Locale.ROOT), flags));
            }
        } catch (RuntimeException e) {
            env.close();
            throw e;
        }
    }

    /** Writes everything that is committed now into an environment of its own, in an empty directory, and forces it. */
    public void copyTo(Path directory) throws IOException {
        env.copy(directory.toFile(), CopyFlags.MDB_CP_COMPACT);
        try (FileChannel copy = FileChannel.open(directory.resolve(DATA_FILE), StandardOpenOption.WRITE)) {
            copy.force(true);
        }
    }

    @Override
    public Writer begin() {
        return new LmdbWriter();
    }

    @Override
    public Reader openReader() {
        return new LmdbReader();
    }

    @Override
    public void close() {
        env.close();
    }

    private Dbi<DirectBuffer> table(Table table) {
        return Objects.requireNonNull(tables.get(table));
    }

    /** What LMDB says of the device, as the storage says it. */
    private static StorageException named(LmdbNativeException e) {
        int code = e.getResultCode();
        return code == ENOSPC || code == EDQUOT
                ? new StorageException(Reason.NO_SPACE, "no space is left for an index or the channel directory", e)
                : new StorageException(
                        Reason.NOT_WRITABLE, "an index or the channel directory cannot be written: " + e, e);
    }

    private static Table table(byte code) {
        for (Table table : Table.values()) {
            if (table.code() == code) {
                return table;
            }
        }
        throw new IllegalArgumentException("no table " + code);
    }

    private void growMap() {
        mapLock.writeLock().lock();
        try {
            mapLength *= 2;
            env.setMapSize(mapLength);
        } finally {
            mapLock.writeLock().unlock();
        }
    }

    /** What reading within any transaction has in common. Belongs to one thread. */
    private abstract static class Lookup implements Reader {
        final UnsafeBuffer wanted = new UnsafeBuffer(0, 0);
        final ExpandableDirectByteBuffer keyBytes = new ExpandableDirectByteBuffer(MAX_KEY_LENGTH + 1);
        final Map<Table, Cursor<DirectBuffer>> cursors = new EnumMap<>(Table.class);

        @Nullable
        Cursor<DirectBuffer> last;

        abstract Cursor<DirectBuffer> cursor(Table table);

        UnsafeBuffer wanted(DirectBuffer key, int keyLength) {
            if (keyLength > MAX_KEY_LENGTH) {
                throw new IllegalArgumentException("key of " + keyLength + " bytes, at most " + MAX_KEY_LENGTH);
            }
            keyBytes.putBytes(0, key, 0, keyLength);
            wanted.wrap(keyBytes.addressOffset(), keyLength);
            return wanted;
        }

        Cursor<DirectBuffer> ask(Table table) {
            last = cursor(table);
            return last;
        }

        Cursor<DirectBuffer> asked() {
            return Objects.requireNonNull(last, "nothing was asked");
        }

        @Override
        public boolean get(Table table, DirectBuffer key, int keyLength) {
            return ask(table).get(wanted(key, keyLength), GetOp.MDB_SET_KEY);
        }

        @Override
        public boolean floor(Table table, DirectBuffer key, int keyLength) {
            Cursor<DirectBuffer> cursor = ask(table);
            UnsafeBuffer bound = wanted(key, keyLength);
            if (!cursor.get(bound, GetOp.MDB_SET_RANGE)) {
                return cursor.seek(SeekOp.MDB_LAST);
            }
            return cursor.key().compareTo(bound) == 0 || cursor.seek(SeekOp.MDB_PREV);
        }

        @Override
        public boolean ceiling(Table table, DirectBuffer key, int keyLength) {
            return ask(table).get(wanted(key, keyLength), GetOp.MDB_SET_RANGE);
        }

        @Override
        public boolean next() {
            return asked().seek(SeekOp.MDB_NEXT);
        }

        @Override
        public DirectBuffer key() {
            return asked().key();
        }

        @Override
        public DirectBuffer value() {
            return asked().val();
        }
    }

    private final class LmdbReader extends Lookup {
        private @Nullable Txn<DirectBuffer> txn;

        @Override
        public void renew() {
            mapLock.readLock().lock();
            if (txn == null) {
                txn = env.txnRead();
            } else {
                txn.renew();
                for (Cursor<DirectBuffer> cursor : cursors.values()) {
                    cursor.renew(txn);
                }
            }
        }

        @Override
        public void release() {
            try {
                Objects.requireNonNull(txn, "not renewed").reset();
            } finally {
                mapLock.readLock().unlock();
            }
        }

        @Override
        Cursor<DirectBuffer> cursor(Table table) {
            Txn<DirectBuffer> current = Objects.requireNonNull(txn, "not renewed");
            return cursors.computeIfAbsent(table, t -> table(t).openCursor(current));
        }

        @Override
        public void close() {
            if (txn != null) {
                cursors.values().forEach(Cursor::close);
                cursors.clear();
                txn.close();
                txn = null;
            }
        }
    }

    private final class LmdbWriter extends Lookup implements Writer {

        private final UnsafeBuffer valueBytes = new UnsafeBuffer(0, 0);
        private int redoLength;
        private @Nullable Txn<DirectBuffer> txn = env.txnWrite();

        private Txn<DirectBuffer> txn() {
            return Objects.requireNonNull(txn, "closed");
        }

        @Override
        public void renew() {}

        @Override
        public void release() {}

        @Override
        Cursor<DirectBuffer> cursor(Table table) {
            return cursors.computeIfAbsent(table, t -> table(t).openCursor(txn()));
        }

        @Override
        public void put(Table table, DirectBuffer key, int keyLength, DirectBuffer value, int offset, int length) {
            int at = remember(PUT, table, key, keyLength, length);
            redo.putBytes(at + keyLength, value, offset, length);
            redoLength = at + keyLength + length;
            try {
                apply(PUT, table, at, keyLength, length);
            } catch (Env.MapFullException e) {
                growAndRedo();
            } catch (LmdbNativeException e) {
                throw named(e);
            }
        }

        @Override
        public boolean remove(Table table, DirectBuffer key, int keyLength) {
            boolean isThere = get(table, key, keyLength);
            int at = remember(REMOVE, table, key, keyLength, 0);
            redoLength = at + keyLength;
            try {
                apply(REMOVE, table, at, keyLength, 0);
            } catch (Env.MapFullException e) {
                growAndRedo();
            } catch (LmdbNativeException e) {
                throw named(e);
            }
            return isThere;
        }

        /** Notes an operation and its key; returns where the key lies. Twelve bytes go before it. */
        private int remember(byte operation, Table table, DirectBuffer key, int keyLength, int valueLength) {
            redo.putByte(redoLength, operation);
            redo.putByte(redoLength + 1, table.code());
            redo.putInt(redoLength + 4, keyLength);
            redo.putInt(redoLength + 8, valueLength);
            redo.putBytes(redoLength + 12, key, 0, keyLength);
            return redoLength + 12;
        }

        private void apply(byte operation, Table table, int at, int keyLength, int valueLength) {
            wanted.wrap(redo.addressOffset() + at, keyLength);
            if (operation == PUT) {
                valueBytes.wrap(redo.addressOffset() + at + keyLength, valueLength);
                table(table).put(txn(), wanted, valueBytes);
            } else {
                table(table).delete(txn(), wanted);
            }
        }

        private void growAndRedo() {
            while (true) {
                close();
                growMap();
                txn = env.txnWrite();
                try {
                    redoAll();
                    return;
                } catch (Env.MapFullException e) {
                    // The next doubling may do.
                }
            }
        }

        private void redoAll() {
            for (int at = 0; at < redoLength; ) {
                int keyLength = redo.getInt(at + 4);
                int valueLength = redo.getInt(at + 8);
                apply(redo.getByte(at), table(redo.getByte(at + 1)), at + 12, keyLength, valueLength);
                at += 12 + keyLength + valueLength;
            }
        }

        @Override
        public void commit() {
            closeCursors();
            while (true) {
                try {
                    txn().commit();
                    break;
                } catch (Env.MapFullException e) {
                    growAndRedo();
                } catch (LmdbNativeException e) {
                    throw named(e);
                }
            }
            close();
        }

        private void closeCursors() {
            cursors.values().forEach(Cursor::close);
            cursors.clear();
            last = null;
        }

        @Override
        public void close() {
            if (txn != null) {
                closeCursors();
                txn.close();
                txn = null;
            }
        }
    }
}
