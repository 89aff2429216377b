package io.freshet.engine.routing;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.protocol.RecordFrame;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.NanoClock;

/**
 * Folds the log into the memory of nonces, so that a publish repeated after a restart is still known. On the indexer's
 * thread. Between two checkpoints it collects only what is new; at a checkpoint it merges that into what was kept.
 */
public final class NonceFollower implements LogFollower {
    /** 1 were states that said nothing of their use: an index that has those is built anew. */
    static final int ID = 8;

    private final int windowCount;
    private final long memoryUs;
    private final Map<Long, Map<NonceKey, NonceWindow>> fresh = new HashMap<>();
    /** From snapshots, by channel; what is known besides extends them. */
    private final Map<Long, Map<NonceKey, NonceWindow>> restored = new HashMap<>();

    private final ExpandableArrayBuffer encoded = new ExpandableArrayBuffer();
    private final NonceClock clock;
    private volatile long expiredUs = Long.MIN_VALUE;
    private long lastSender;
    private int lastInstance;
    private long lastChannel;
    private NonceWindow lastWindow;

    /**
     * @param windowCount how many publishes of each instance are remembered
     * @param memoryUs how long an idle instance is remembered, in microseconds in which the server runs
     */
    public NonceFollower(int windowCount, long memoryUs, NanoClock clock) {
        this.windowCount = windowCount;
        this.memoryUs = memoryUs;
        this.clock = new NonceClock(clock, memoryUs);
        lastWindow = new NonceWindow(windowCount);
    }

    /** The index is up to date: from now on the time passes by which nonces are forgotten. Before the indexer runs. */
    public void start() {
        clock.start();
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public void onDocument(LogDocument document) {
        if (document.kind() != LogDocument.Kind.RUNS) {
            return;
        }
        clock.read(document.timeUs());
        DirectBuffer buffer = document.buffer();
        for (int run = 0; run < document.runCount(); run++) {
            long channel = document.channel(run);
            long sequence = document.firstSequence(run);
            for (int i = 0, n = document.recordCount(run); i < n; i++, sequence++) {
                int offset = document.recordOffset(run, i);
                long nonce = buffer.getLong(offset + RecordFrame.NONCE_OFFSET, LITTLE_ENDIAN);
                if (nonce != 0) {
                    long sender = buffer.getLong(offset + RecordFrame.SENDER_OFFSET, LITTLE_ENDIAN);
                    long timeUs = buffer.getLong(offset + RecordFrame.TIMESTAMP_US_OFFSET, LITTLE_ENDIAN);
                    NonceWindow window = window(channel, sender, (int) (nonce >>> 32));
                    window.accept((int) nonce, sequence, timeUs);
                    window.used(clock.readUs());
                }
            }
        }
    }

    private NonceWindow window(long channel, long sender, int instance) {
        if (channel != lastChannel || sender != lastSender || instance != lastInstance) {
            lastChannel = channel;
            lastSender = sender;
            lastInstance = instance;
            lastWindow = fresh.computeIfAbsent(channel, key -> new HashMap<>())
                    .computeIfAbsent(new NonceKey(sender, instance), key -> new NonceWindow(windowCount));
        }
        return lastWindow;
    }

    @Override
    public void onSnapshot(long channel, long key1, long key2, DirectBuffer value, int offset, int length) {
        NonceWindow window = NonceWindow.decode(windowCount, value, offset);
        if (clock.isTold(channel, window)) {
            return;
        }
        window.used(clock.readUs(window.usedUs()));
        NonceWindow earlier = restored.computeIfAbsent(channel, key -> new HashMap<>())
                .putIfAbsent(new NonceKey(key1, (int) key2), window);
        if (earlier != null) {
            earlier.extend(window);
        }
    }

    /** An instance that has been idle for too long need not be remembered. */
    @Override
    public boolean isCurrent(DirectBuffer value, int offset, int length) {
        return NonceWindow.encodedUsedUs(value, offset) >= expiredUs;
    }

    @Override
    public void onCheckpoint(StateWriter writer) {
        clock.tick(writer);
        if (!clock.isBuildingAnew()) {
            usedNow(fresh);
            usedNow(restored);
        }
        restored.forEach((channel, windows) -> restoreChannel(writer, channel, windows));
        restored.clear();
        fresh.forEach((channel, windows) -> writeChannel(writer, channel, windows));
        fresh.clear();
        expiredUs = clock.nowUs() - memoryUs;
        lastChannel = 0;
    }

    private void usedNow(Map<Long, Map<NonceKey, NonceWindow>> byChannel) {
        byChannel.values().forEach(windows -> windows.values().forEach(window -> window.used(clock.nowUs())));
    }

    @Override
    public void onRollback() {
        fresh.clear();
        lastChannel = 0;
        restored.clear();
    }

    /** What was folded since a snapshot's documents, and before this checkpoint, is already in the store or still fresh. */
    private void restoreChannel(StateWriter writer, long channel, Map<NonceKey, NonceWindow> windows) {
        writer.states(channel, (sender, instance, value, offset, length) -> {
            NonceWindow restoredWindow = windows.get(new NonceKey(sender, (int) instance));
            if (restoredWindow != null) {
                restoredWindow.extend(NonceWindow.decode(windowCount, value, offset));
            }
        });
        Map<NonceKey, NonceWindow> added = fresh.getOrDefault(channel, Map.of());
        windows.forEach((key, window) -> {
            NonceWindow since = added.get(key);
            if (since != null) {
                window.extend(since);
                added.remove(key);
            }
            put(writer, channel, key, window);
        });
    }

    private void put(StateWriter writer, long channel, NonceKey key, NonceWindow window) {
        encoded.checkLimit(window.encodedLength());
        window.encode(encoded, 0);
        writer.put(channel, key.sender(), key.instance(), encoded, 0, window.encodedLength());
    }

    private void writeChannel(StateWriter writer, long channel, Map<NonceKey, NonceWindow> added) {
        Map<NonceKey, NonceWindow> merged = new HashMap<>();
        Map<NonceKey, Boolean> expired = new HashMap<>();
        writer.states(channel, (sender, instance, value, offset, length) -> {
            NonceKey key = new NonceKey(sender, (int) instance);
            if (added.containsKey(key)) {
                merged.put(key, NonceWindow.decode(windowCount, value, offset));
            } else if (ForgottenNonces.isForgotten(NonceWindow.encodedUsedUs(value, offset), clock.nowUs(), memoryUs)) {
                expired.put(key, Boolean.TRUE);
            }
        });
        expired.keySet().forEach(key -> writer.remove(channel, key.sender(), key.instance()));
        added.forEach((key, window) -> {
            NonceWindow kept = merged.get(key);
            if (kept != null) {
                kept.append(window);
                window = kept;
            }
            put(writer, channel, key, window);
        });
    }
}
