package io.freshet.engine.simulation;

import io.freshet.protocol.RecordFrame;

/** Payloads that follow from who publishes them as their which, so that every byte can be checked anywhere. */
final class Payloads {
    private Payloads() {}

    static byte byteAt(long sender, int number, int index) {
        return (byte) (sender * 31 + number * 7L + index);
    }

    static byte[] of(long sender, int number, int length) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = byteAt(sender, number, i);
        }
        return payload;
    }

    /** Bytes of the payload in a canonical frame of this length. */
    static int payloadLength(int frameLength) {
        for (int head = RecordFrame.MIN_LENGTH; head < frameLength; head++) {
            if (RecordFrame.frameLength(frameLength - head) == frameLength) {
                return frameLength - head;
            }
        }
        return 0;
    }
}
