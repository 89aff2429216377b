package io.freshet.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A record to keep: what a {@link Page} lists and {@link ReceivedRecord#copy} returns.
 *
 * @param channel the channel's id
 * @param timestampUs when the server admitted it, microseconds since 1970 UTC
 * @param sender id of the principal that published it
 * @param kind of event, 0 to 65,535; 0 is a message
 * @param isErased whether the payload was erased: its bytes are zero
 * @param isChecked whether the server has checked it before it kept it: what it says of others counts
 * @param payload its bytes, not copied on the way in or out: do not write to them
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by the bytes, below; a copy per record would double a page
public record StoredRecord(
        long channel,
        long sequence,
        long timestampUs,
        long sender,
        int kind,
        boolean isErased,
        boolean isChecked,
        byte[] payload) {
    /** The payload read as UTF-8; what is malformed is replaced by U+FFFD. */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredRecord that
                && channel == that.channel
                && sequence == that.sequence
                && timestampUs == that.timestampUs
                && sender == that.sender
                && kind == that.kind
                && isErased == that.isErased
                && isChecked == that.isChecked
                && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Long.hashCode(channel) + Long.hashCode(sequence)) + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
        return "StoredRecord[channel=" + channel + ", sequence=" + sequence + ", sender=" + sender + ", kind=" + kind
                + ", payloadLength=" + payload.length + (isErased ? ", erased]" : "]");
    }
}
