package io.freshet.log.index;

import java.util.List;
import org.agrona.concurrent.Agent;

/** Keeps the indexes of all shards up to date, in turn. Its duty cycle belongs to one thread; it may block. */
public final class Indexer implements Agent {
    private static final int DOCUMENT_LIMIT = 256;

    private final List<ShardIndex> indexes;

    public Indexer(List<ShardIndex> indexes) {
        this.indexes = List.copyOf(indexes);
    }

    @Override
    public int doWork() {
        int workCount = 0;
        for (ShardIndex index : indexes) {
            workCount += index.poll(DOCUMENT_LIMIT);
        }
        return workCount;
    }

    @Override
    public String roleName() {
        return "freshet-indexer";
    }
}
