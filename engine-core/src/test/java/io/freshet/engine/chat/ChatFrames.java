package io.freshet.engine.chat;

import com.google.protobuf.MessageLite;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Stored frames of events, flagged as checked. */
final class ChatFrames {
    private ChatFrames() {}

    static byte[] frame(long channel, ChatModel.Event admitted) {
        ChatEvent event = admitted.event();
        return frame(channel, event, payload(admitted));
    }

    static byte[] frame(long channel, ChatEvent event, MessageLite body) {
        byte[] payload = body.toByteArray();
        ByteBuf out = Unpooled.buffer();
        RecordFrame.writeHead(
                out,
                event.kind().code(),
                channel,
                event.sequence(),
                event.timestampUs(),
                event.sender(),
                0,
                payload.length);
        out.writeBytes(payload);
        out.setByte(FrameHeader.FLAGS_OFFSET, FrameHeader.FLAG_CHECKED);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        out.release();
        return bytes;
    }

    /** Bytes of a frame before its payload. */
    static int headLength(byte[] frame) {
        return RecordFrame.payloadOffset(Unpooled.wrappedBuffer(frame), 0, frame.length);
    }

    private static MessageLite payload(ChatModel.Event admitted) {
        ChatEvent event = admitted.event();
        long target = event.target();
        return switch (event.kind()) {
            case POST -> post(admitted);
            case EDIT ->
                Edit.newBuilder()
                        .setTarget(target)
                        .setContent(Content.newBuilder().setText("edit " + event.sequence()))
                        .build();
            case DELETE -> Deletion.newBuilder().setTarget(target).build();
            case REACT, UNREACT ->
                Reaction.newBuilder()
                        .setTarget(target)
                        .setReaction(event.reaction())
                        .build();
            case PIN, UNPIN -> Pin.newBuilder().setTarget(target).build();
            default -> throw new AssertionError(event);
        };
    }

    private static Content post(ChatModel.Event admitted) {
        Content.Builder content = Content.newBuilder()
                .setText("post " + admitted.event().sequence())
                .setSilent(admitted.isSilent());
        admitted.users()
                .forEach(user -> content.addMentions(Mention.newBuilder().setUser(user)));
        admitted.roles()
                .forEach(role -> content.addMentions(Mention.newBuilder().setRole(role)));
        if (admitted.isEveryone()) {
            content.addMentions(Mention.newBuilder().setEveryone(Mention.Everyone.getDefaultInstance()));
        }
        return content.build();
    }
}
