package io.freshet.client;

import com.google.protobuf.MessageLite;
import io.freshet.protocol.v1.ArchiveChannel;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelInfo;
import io.freshet.protocol.v1.CreateChannel;
import io.freshet.protocol.v1.DeleteChannel;
import io.freshet.protocol.v1.OpenDirect;
import io.freshet.protocol.v1.RenameChannel;
import io.freshet.protocol.v1.StartThread;
import java.util.Collection;
import java.util.concurrent.CompletionStage;

/**
 * Makes channels and changes what they are, by the server's service {@code freshet.v1.Channels}: {@link FreshetClient#channels}. Each stage completes on the client's
 * thread with the channel as it is then, as {@link FreshetClient#request} says; its name opens it: {@code client.chat(info.getName())}. Any thread.
 */
public final class ChannelCalls {
    private static final String SERVICE = "freshet.v1.Channels/";

    private final FreshetClient client;

    ChannelCalls(FreshetClient client) {
        this.client = client;
    }

    /**
     * Makes a channel. Fails with {@code CHANNEL_EXISTS} when there is one of this name that has records, with {@code FORBIDDEN}, {@code
     * INVALID_NAME} or {@code INVALID_ATTRIBUTES}.
     *
     * @param attributes ordinary, live or voice
     */
    public CompletionStage<ChannelInfo> create(String name, ChannelAttributes attributes) {
        return call(
                "Create",
                CreateChannel.newBuilder()
                        .setName(name)
                        .setAttributes(attributes)
                        .build());
    }

    /**
     * The thread of a post, made when there is none; whoever asks gets the same one. Fails with {@code NO_SUCH_POST}, {@code POST_DELETED},
     * {@code FORBIDDEN} or {@code CHANNEL_ARCHIVED}.
     */
    public CompletionStage<ChannelInfo> startThread(long channel, long post, String title) {
        return call(
                "StartThread",
                StartThread.newBuilder()
                        .setChannel(channel)
                        .setPost(post)
                        .setTitle(title)
                        .build());
    }

    /** The direct channel of this client's principal and these, made when there is none; whoever of them asks gets the same one. */
    public CompletionStage<ChannelInfo> openDirect(Collection<Long> members) {
        return call("OpenDirect", OpenDirect.newBuilder().addAllMembers(members).build());
    }

    /** Gives a channel another title. */
    public CompletionStage<ChannelInfo> rename(long channel, String title) {
        return call(
                "Rename",
                RenameChannel.newBuilder().setChannel(channel).setTitle(title).build());
    }

    /** Gives a channel another title and another topic. */
    public CompletionStage<ChannelInfo> rename(long channel, String title, String topic) {
        return call(
                "Rename",
                RenameChannel.newBuilder()
                        .setChannel(channel)
                        .setTitle(title)
                        .setTopic(topic)
                        .build());
    }

    /** Gives a channel another topic. */
    public CompletionStage<ChannelInfo> topic(long channel, String topic) {
        return call(
                "Rename",
                RenameChannel.newBuilder().setChannel(channel).setTopic(topic).build());
    }

    /** Archives a channel, or takes it out again; nothing happens when it is so already. */
    public CompletionStage<ChannelInfo> archive(long channel, boolean isArchived) {
        return call(
                "Archive",
                ArchiveChannel.newBuilder()
                        .setChannel(channel)
                        .setArchived(isArchived)
                        .build());
    }

    /** Deletes a channel and its threads for good, with all that was said there. Not a direct channel. */
    public CompletionStage<ChannelInfo> delete(long channel) {
        return call("Delete", DeleteChannel.newBuilder().setChannel(channel).build());
    }

    private CompletionStage<ChannelInfo> call(String method, MessageLite request) {
        return client.request(SERVICE + method, request, ChannelInfo.parser());
    }
}
