package io.freshet.log.retention;

import io.freshet.log.StorageConfig;
import io.freshet.log.index.ShardIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.agrona.concurrent.Agent;

/** Shortens the logs of all shards, now and then, a step of each in turn. Its duty cycle belongs to one thread; it may block. */
public final class RetentionAgent implements Agent, AutoCloseable {
    private final List<LogRetention> logs;
    private final LongSupplier nanoClock;
    private final long intervalNs;
    private long nextLookNs;

    private RetentionAgent(List<LogRetention> logs, StorageConfig config) {
        this.logs = List.copyOf(logs);
        nanoClock = config.nanoClock();
        intervalNs = config.retentionIntervalNs();
        nextLookNs = nanoClock.getAsLong();
    }

    /** For logs and their indexes, shard by shard; each log may take its share of the size. */
    public static RetentionAgent of(List<? extends RetainedLog> logs, List<ShardIndex> indexes, StorageConfig config) {
        List<LogRetention> parts = new ArrayList<>();
        long lengthBytes = config.retention().lengthBytes();
        long share = lengthBytes == Long.MAX_VALUE ? lengthBytes : lengthBytes / logs.size();
        for (int shard = 0; shard < logs.size(); shard++) {
            parts.add(new LogRetention(
                    logs.get(shard), indexes.get(shard), config.retention(), share, config.epochMsClock()));
        }
        return new RetentionAgent(parts, config);
    }

    @Override
    public int doWork() {
        long nowNs = nanoClock.getAsLong();
        if (nowNs - nextLookNs >= 0) {
            nextLookNs = nowNs + intervalNs;
            logs.forEach(LogRetention::look);
        }
        int workCount = 0;
        for (LogRetention log : logs) {
            workCount += log.doStep();
        }
        return workCount;
    }

    @Override
    public String roleName() {
        return "freshet-retention";
    }

    @Override
    public void close() {
        logs.forEach(LogRetention::close);
    }
}
