package io.freshet.engine.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.Principal;
import io.freshet.protocol.AttributeLimits;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Which attributes may come after which: a channel's kind stays, but for ordinary, live and voice ones, which may become each
 * other; parent and members stay; what is deleted stays deleted. No state, any thread.
 */
public final class Succession {
    private Succession() {}

    /** The attributes in a canonical record frame; null when it holds none. <em>Borrows</em> the buffer. Allocates. */
    public static @Nullable ChannelAttributes read(ByteBuf frame, int index, int frameLength) {
        int start = RecordFrame.payloadOffset(frame, index, frameLength);
        if (frameLength - start > AttributeLimits.LENGTH) {
            return null;
        }
        byte[] payload = new byte[frameLength - start];
        frame.getBytes(index + start, payload);
        try {
            return ChannelAttributes.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /**
     * Why these attributes are not admitted, or null when they are.
     *
     * @param next null when the record holds none
     * @param now what the channel has; null when it has none
     * @param head the channel's last sequence, 0 when it is empty
     */
    public static @Nullable ErrorCode refusal(
            @Nullable ChannelAttributes next, @Nullable KnownAttributes now, long head, long sender) {
        if (next == null || AttributeLimits.violation(next) != null) {
            return ErrorCode.INVALID_ATTRIBUTES;
        }
        boolean isOfTheServer = sender == Principal.SYSTEM.id();
        if (next.getChangedBy() != 0 && !isOfTheServer) {
            return ErrorCode.INVALID_ATTRIBUTES;
        }
        if (next.hasReplaces()) {
            if (next.getReplaces() == 0 && head > 0) {
                return ErrorCode.CHANNEL_EXISTS;
            }
            if (next.getReplaces() != (now == null ? 0 : now.sequence())) {
                return ErrorCode.ATTRIBUTES_CHANGED;
            }
        }
        boolean isAllowed = now == null ? mayBegin(next, head, isOfTheServer) : mayFollow(next, now.message());
        return isAllowed ? null : ErrorCode.INVALID_ATTRIBUTES;
    }

    /** Of what only some may see, or what belongs to another channel, nothing may have been before it was that. */
    private static boolean mayBegin(ChannelAttributes next, long head, boolean isOfTheServer) {
        return isOpen(next.getKind()) || (isOfTheServer && head == 0);
    }

    private static boolean mayFollow(ChannelAttributes next, ChannelAttributes now) {
        boolean isSameKind = next.getKind() == now.getKind() || (isOpen(next.getKind()) && isOpen(now.getKind()));
        boolean isSamePeople = next.getDeleted() || next.getMembersList().equals(now.getMembersList());
        return isSameKind && isSamePeople && next.getParent().equals(now.getParent());
    }

    /** Whether it is the application alone that says who may see channels of this kind. */
    private static boolean isOpen(ChannelKind kind) {
        return kind != ChannelKind.CHANNEL_KIND_THREAD && kind != ChannelKind.CHANNEL_KIND_DIRECT;
    }
}
