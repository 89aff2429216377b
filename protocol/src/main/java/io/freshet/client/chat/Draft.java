package io.freshet.client.chat;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.Attachment;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Extension;
import io.freshet.protocol.v1.Mention;

/**
 * Something that is about to be said. {@code ContentLimits} says how much it may hold; that is looked at when it is sent. Not for
 * several threads at a time.
 *
 * <pre>{@code
 * lobby.send(Draft.of("look at this").replyTo(17).mention(ann).attach("dam.png", "image/png", 48_113, "https://…/dam.png"));
 * }</pre>
 */
public final class Draft {
    private final Content.Builder content = Content.newBuilder();

    private Draft() {}

    /** A draft of this text; an empty one needs an attachment or an extension. */
    public static Draft of(String text) {
        Draft draft = new Draft();
        draft.content.setText(text);
        return draft;
    }

    /** It answers the message with this sequence. */
    public Draft replyTo(long sequence) {
        content.setReplyTo(sequence);
        return this;
    }

    /** Its mentions reach this principal. */
    public Draft mention(long user) {
        content.addMentions(Mention.newBuilder().setUser(user));
        return this;
    }

    /** It names another channel, by its id. */
    public Draft mentionChannel(long channel) {
        content.addMentions(Mention.newBuilder().setChannel(channel));
        return this;
    }

    /** Its mentions reach whoever has this role, a number of the application's. */
    public Draft mentionRole(long role) {
        content.addMentions(Mention.newBuilder().setRole(role));
        return this;
    }

    /** Its mentions reach everyone in the channel, which needs a right of its own. */
    public Draft mentionEveryone() {
        content.addMentions(Mention.newBuilder().setEveryone(Mention.Everyone.getDefaultInstance()));
        return this;
    }

    /**
     * Refers to something that lies elsewhere: neither client nor server keep files.
     *
     * @param length in bytes
     */
    public Draft attach(String name, String mediaType, long length, String address) {
        content.addAttachments(Attachment.newBuilder()
                .setName(name)
                .setMediaType(mediaType)
                .setLength(length)
                .setAddress(address));
        return this;
    }

    /** Adds what an application means by {@code type}; the bytes are copied. */
    public Draft extension(String type, byte[] data) {
        content.setExtension(Extension.newBuilder().setType(type).setData(ByteString.copyFrom(data)));
        return this;
    }

    /** Its mentions and its reply notify nobody. */
    public Draft silent() {
        content.setSilent(true);
        return this;
    }

    /** What would be sent now. */
    public Content content() {
        return content.build();
    }
}
