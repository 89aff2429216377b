package io.freshet.benchmarks.jmh;

import io.freshet.log.ChannelIndex;
import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.Erasure;
import io.freshet.log.IndexReader;
import io.freshet.log.IndexStatistics;
import io.freshet.log.LogBatch;
import io.freshet.log.LogFollower;
import io.freshet.log.LogReader;
import io.freshet.log.LogStatistics;
import io.freshet.log.MessageLog;
import io.freshet.log.RecoveryReport;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/** A log that completes each append at once and keeps nothing: what is measured with it is the engine without its log. */
final class DiscardingLog implements MessageLog {
    private long ordinal;

    @Override
    public long append(LogBatch batch) {
        return ++ordinal;
    }

    @Override
    public long completed(Durability durability) {
        return ordinal;
    }

    @Override
    public boolean isFenced() {
        return false;
    }

    @Override
    public void attach(long channel, long lastRunPosition) {
        // It keeps no back-links.
    }

    @Override
    public long detach(long channel) {
        return NULL_POSITION;
    }

    @Override
    public int maxDocumentLength() {
        return Integer.MAX_VALUE;
    }

    @Override
    public int epoch() {
        return 1;
    }

    @Override
    public List<EpochStart> epochs() {
        return List.of(new EpochStart(1, 0));
    }

    @Override
    public long lastPosition() {
        return ordinal;
    }

    @Override
    public long syncedPosition() {
        return ordinal;
    }

    @Override
    public void completionListener(Runnable listener) {
        // Nothing completes by itself.
    }

    @Override
    public LogReader openReader() {
        throw new UnsupportedOperationException("nothing is kept");
    }

    @Override
    public long appendSnapshot(DirectBuffer snapshot, int offset, int length) {
        return ++ordinal;
    }

    @Override
    public boolean isFreeing() {
        return false;
    }

    @Override
    public long truncateBefore(long position) {
        return position;
    }

    @Override
    public boolean erase(long position, Erasure erasure) {
        return false;
    }

    @Override
    public void commitErased() {}

    @Override
    public void eraseKeptAside() {}

    @Override
    public LogStatistics statistics() {
        return new LogStatistics(ordinal, 0, 0, 0, 0);
    }

    @Override
    public RecoveryReport recovery() {
        return new RecoveryReport(0, 0, "", false);
    }

    @Override
    public void close() {
        // It holds nothing.
    }

    /** The index of such a log: it knows of nothing and follows at once. */
    static final class Index implements ChannelIndex {
        @Override
        public long indexedPosition() {
            return Long.MAX_VALUE;
        }

        @Override
        public IndexStatistics statistics() {
            throw new UnsupportedOperationException("nothing is indexed");
        }

        @Override
        public void addFollower(LogFollower follower) {
            // There is nothing to follow.
        }

        @Override
        public void catchUp() {
            // It is never behind.
        }

        @Override
        public IndexReader openReader() {
            return new IndexReader() {
                @Override
                public long find(long channel, long sequence) {
                    return NULL_POSITION;
                }

                @Override
                public boolean tail(long channel, ChannelTail tail) {
                    return false;
                }

                @Override
                public long lastSequenceBefore(long channel, long position) {
                    return 0;
                }

                @Override
                public void searchStates(int follower, long channel, long fromKey1, long toKey1, StateSearch search) {
                    // No state is kept.
                }

                @Override
                public <T> T together(Supplier<T> lookups) {
                    return lookups.get();
                }

                @Override
                public boolean state(int follower, long channel, long key1, long key2, StateVisitor visitor) {
                    return false;
                }

                @Override
                public void states(int follower, long channel, long fromKey1, long toKey1, StateVisitor visitor) {
                    // No state is kept.
                }

                @Override
                public void close() {
                    // It holds nothing.
                }
            };
        }
    }
}
