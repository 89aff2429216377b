package io.freshet.log;

import java.util.List;
import org.agrona.concurrent.Agent;

/** Everything durable of one engine: its shards' logs and indexes and its channel directory. */
public interface Storage extends AutoCloseable {
    /** How many shards it was made with, a power of two; never changes. */
    int shardCount();

    /** Names and ids of channels. */
    ChannelDirectory channels();

    MessageLog log(int shard);

    ChannelIndex index(int shard);

    /**
     * What must be run beside the shards' owners, each on a thread of its own or, in a simulation, in turn: syncing,
     * preparing space, following the logs for their indexes. They may block.
     */
    List<Agent> agents();

    /** Closes in reverse order of opening. Not before the agents have ended. Idempotent. */
    @Override
    void close();
}
