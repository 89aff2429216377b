package io.freshet.engine.service;

import com.google.protobuf.Message;
import io.freshet.protocol.ServiceName;
import io.freshet.protocol.v1.Push;

/** A message as sessions are sent it, encoded once. Immutable. */
public final class Pushed {
    private final Push frame;

    private Pushed(Push frame) {
        this.frame = frame;
    }

    /**
     * Encodes a message.
     *
     * @throws IllegalArgumentException when it is longer than 65,536 bytes
     */
    public static Pushed of(Message message) {
        int length = message.getSerializedSize();
        String type = message.getDescriptorForType().getFullName();
        if (length > ServiceName.MAX_ANSWER_LENGTH) {
            throw new IllegalArgumentException(
                    "a push of " + length + " bytes of " + type + "; the limit is " + ServiceName.MAX_ANSWER_LENGTH);
        }
        return new Pushed(
                Push.newBuilder().setType(type).setBody(message.toByteString()).build());
    }

    /** The body of the frame PUSH. */
    public Push frame() {
        return frame;
    }
}
