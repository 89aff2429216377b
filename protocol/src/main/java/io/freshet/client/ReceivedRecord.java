package io.freshet.client;

import java.nio.ByteBuffer;

/** A view of one received record, valid during {@link RecordHandler#onRecord}; {@link #copy} makes one to keep. */
public interface ReceivedRecord {
    /** The channel's id. */
    long channel();

    String channelName();

    long sequence();

    /** When the server admitted it, microseconds since 1970 UTC; never goes back within a channel. */
    long timestampUs();

    /** Id of the principal that published it. */
    long sender();

    /** Kind of event, 0 to 65,535; 0 is a message. */
    int kind();

    /** Whether the payload was erased: its bytes are zero. */
    boolean isErased();

    /** Whether the server has checked it against what it names, or what it holds, before it kept it: what it says counts. */
    boolean isChecked();

    /** Bytes of the payload. */
    int payloadLength();

    /** The payload, read-only and <em>borrowed</em>: valid during the call. */
    ByteBuffer payload();

    /** A copy of the payload. */
    byte[] payloadBytes();

    /** The payload read as UTF-8; what is malformed is replaced by U+FFFD. */
    String text();

    /** The same values, to keep. */
    StoredRecord copy();
}
