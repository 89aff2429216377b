package io.freshet.engine.channel;

import io.freshet.engine.ChannelRight;
import io.freshet.engine.service.ServiceHost;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelInfo;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.StartThread;
import io.freshet.protocol.v1.ThreadParent;
import io.freshet.protocol.v1.ThreadStarted;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongFunction;

/**
 * Makes the threads of posts, one each. First the thread is there, then its parent's channel says so, once. Whoever repeats a start of
 * which the second half was lost completes it. Services' thread.
 */
final class ThreadStarts {
    private final ServiceHost host;
    private final ChannelDirectory directory;
    private final LongFunction<CompletionStage<KnownChannel>> looks;
    private final PostReader posts;
    private final Map<String, CompletionStage<ChannelInfo>> underWay = new HashMap<>();

    ThreadStarts(
            ServiceHost host,
            ChannelDirectory directory,
            LongFunction<CompletionStage<KnownChannel>> looks,
            PostReader posts) {
        this.host = host;
        this.directory = directory;
        this.looks = looks;
        this.posts = posts;
    }

    /** The thread of a post, made by this principal if there is none. Two who ask at once get the same. */
    CompletionStage<ChannelInfo> start(long principal, ReachedChannel parent, StartThread request) {
        KnownAttributes attributes = parent.attributes();
        if (!parent.access().mayPublish() || !parent.access().has(ChannelRight.START_THREADS)) {
            throw ChannelService.refused(ErrorCode.FORBIDDEN, "this principal may not start threads here");
        }
        if (attributes != null && attributes.isThread()) {
            throw ChannelService.refused(ErrorCode.INVALID_ARGUMENT, "a thread has no threads");
        }
        if (attributes != null && attributes.isArchived()) {
            throw ChannelService.refused(ErrorCode.CHANNEL_ARCHIVED, "the channel is archived");
        }
        ChannelAttributes.Builder thread = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                .setTitle(request.getTitle())
                .setParent(
                        ThreadParent.newBuilder().setChannel(parent.channel()).setPost(Math.max(1, request.getPost())))
                .setReplaces(0)
                .setChangedBy(principal);
        if (attributes != null) {
            thread.addAllMembers(attributes.message().getMembersList());
        }
        ChannelService.check(thread.build());
        ErrorCode noPost =
                request.getPost() < 1 || request.getPost() > parent.known().head()
                        ? ErrorCode.NO_SUCH_POST
                        : posts.refusal(parent.channel(), request.getPost());
        if (noPost != null) {
            throw ChannelService.refused(noPost, "no post that a thread can belong to");
        }
        String name = ReservedNames.ofThread(parent.channel(), request.getPost());
        CompletionStage<ChannelInfo> earlier = underWay.get(name);
        if (earlier != null) {
            return earlier;
        }
        long channel = ChannelService.idOf(directory, name);
        CompletionStage<ChannelInfo> start = looks.apply(channel)
                .thenCompose(known -> known.attributes() == null
                        ? make(channel, name, thread.build())
                        : CompletableFuture.completedFuture(ChannelService.info(channel, name, known)))
                .thenCompose(info -> say(parent.name(), info, name));
        underWay.put(name, start);
        CompletionStage<ChannelInfo> unused = start.whenComplete((info, failure) -> underWay.remove(name));
        return start;
    }

    private CompletionStage<ChannelInfo> make(long channel, String name, ChannelAttributes attributes) {
        return host.publish(name, EventKind.ATTRIBUTES.code(), attributes.toByteArray())
                .thenApply(receipt -> ChannelInfo.newBuilder()
                        .setChannel(channel)
                        .setName(name)
                        .setAttributes(attributes)
                        .setAttributesSequence(receipt.sequence())
                        .build());
    }

    /** Has the parent's channel say that there is a thread; when that was deleted meanwhile, the thread goes with it. */
    private CompletionStage<ChannelInfo> say(String parentName, ChannelInfo thread, String name) {
        ThreadParent parent = thread.getAttributes().getParent();
        if (posts.isThreadSaid(parent.getChannel(), parent.getPost())) {
            return CompletableFuture.completedFuture(thread);
        }
        ThreadStarted started = ThreadStarted.newBuilder()
                .setPost(parent.getPost())
                .setChannel(thread.getChannel())
                .setTitle(thread.getAttributes().getTitle())
                .setStartedBy(thread.getAttributes().getChangedBy())
                .build();
        CompletionStage<ChannelInfo> saying = host.publish(parentName, EventKind.THREAD.code(), started.toByteArray())
                .thenApply(receipt -> thread);
        return ChannelService.recover(saying, failure -> {
            if (ChannelService.codeOf(failure) != ErrorCode.UNKNOWN_CHANNEL) {
                throw failure;
            }
            byte[] deleted = ChannelAttributes.newBuilder()
                    .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                    .setParent(parent)
                    .setDeleted(true)
                    .build()
                    .toByteArray();
            return host.publish(name, EventKind.ATTRIBUTES.code(), deleted).thenApply(receipt -> {
                throw failure;
            });
        });
    }
}
