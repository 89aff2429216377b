package io.freshet.engine;

import io.freshet.engine.routing.ShardConfig;
import io.freshet.engine.session.SessionLimits;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the parts of an engine go by, as its configuration says it. */
final class EngineSettings {
    private static final int HANDSHAKE_FRAME_LENGTH = 4 * 1024;
    private static final int FRAME_LENGTH = 128 * 1024;

    /** How long whoever lost a connection is seen as before. */
    static final Duration PRESENCE_GRACE = Duration.ofSeconds(30);

    private EngineSettings() {}

    static ShardConfig shardConfig(EngineConfig config) {
        return new ShardConfig(
                config.durability(),
                config.limits().inFlightCount(),
                TimeUnit.NANOSECONDS.toMicros(config.timeouts().nonceMemory().toNanos()),
                config.timeouts().idleChannel().toNanos(),
                config.limits().rates().channel(),
                config.limits().rates().slowMode().toNanos());
    }

    static SessionLimits sessionLimits(EngineConfig config) {
        return new SessionLimits(
                HANDSHAKE_FRAME_LENGTH,
                FRAME_LENGTH,
                config.limits().payloadLength(),
                config.limits().inFlightCount(),
                config.limits().channelCount(),
                config.limits().requestCount(),
                config.timeouts().handshake().toNanos(),
                config.timeouts().policy().toNanos(),
                config.timeouts().heartbeat().toNanos(),
                config.timeouts().idleSession().toNanos(),
                config.timeouts().nonceMemory().toNanos(),
                config.limits().connections(),
                config.limits().rates());
    }

    /** Where the memory of messages under way comes from. */
    static ByteBufAllocator allocator(EngineConfig config) {
        return switch (config.bufferAllocator()) {
            case POOLED -> PooledByteBufAllocator.DEFAULT;
            case ADAPTIVE -> new AdaptiveByteBufAllocator();
        };
    }
}
