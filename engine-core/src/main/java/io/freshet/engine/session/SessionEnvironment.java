package io.freshet.engine.session;

import io.freshet.engine.delivery.ColdReads;
import io.freshet.engine.delivery.Feeds;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.limit.Admission;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.mailbox.Ownership;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.signal.ReactorSignals;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.LongFunction;

/**
 * What the sessions of one reactor share.
 *
 * @param reactor the way back to this reactor, for answers from other threads
 * @param gateways gives the shard of a channel
 * @param admission shared with the other reactors
 */
public record SessionEnvironment(
        CycleClock clock,
        Ownership owner,
        ByteBufAllocator allocator,
        SessionLimits limits,
        ReactorProxy reactor,
        Gate gate,
        Calls calls,
        Feeds feeds,
        ColdReads coldReads,
        ReaderProxy reader,
        EventChecks checks,
        LongFunction<ShardGateway> gateways,
        Revocations revocations,
        Admission admission,
        ReactorSignals signals,
        ReactorCounters counters) {}
