package io.freshet.engine;

import io.freshet.engine.routing.Batch;
import io.freshet.protocol.RecordFrame;

/**
 * How much one client may ask for.
 *
 * @param payloadLength bytes of the longest payload
 * @param inFlightCount acknowledged publishes in flight per client and channel that are deduplicated
 * @param channelCount channels that one client may have open
 * @param requestCount fetches that one client may have unanswered
 */
public record Limits(int payloadLength, int inFlightCount, int channelCount, int requestCount) {
    /** The longest payload that any configuration can allow: its record must fit one batch. */
    public static final int GREATEST_PAYLOAD_LENGTH = 2 * Batch.MAX_LENGTH - RecordFrame.frameLength(Batch.MAX_LENGTH);

    /** What is used unless told otherwise. */
    public static final Limits DEFAULTS = new Limits(32 * 1024, 256, 1024, 16);

    public Limits {
        Checks.inRange("payloadLength", payloadLength, 1, GREATEST_PAYLOAD_LENGTH);
        Checks.inRange("inFlightCount", inFlightCount, 1, 1 << 16);
        Checks.inRange("channelCount", channelCount, 1, 1 << 20);
        Checks.inRange("requestCount", requestCount, 1, 1 << 10);
    }
}
