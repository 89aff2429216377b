package io.freshet.engine.channel;

import com.google.protobuf.MessageLite;
import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.engine.service.ServiceHost;
import io.freshet.engine.service.Services;
import io.freshet.log.ChannelDirectory;
import io.freshet.log.Storage;
import io.freshet.log.StorageException;
import io.freshet.protocol.AttributeLimits;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.v1.ArchiveChannel;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelInfo;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.CreateChannel;
import io.freshet.protocol.v1.DeleteChannel;
import io.freshet.protocol.v1.OpenDirect;
import io.freshet.protocol.v1.RenameChannel;
import io.freshet.protocol.v1.StartThread;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The service {@code freshet.v1.Channels}: makes channels and changes what they are, for clients. Whatever two ask at once is decided
 * by the channel's shard: this publishes attributes that say what they replace. Services' thread.
 */
public final class ChannelService {
    private static final int ATTEMPTS = 4;

    private final ServiceHost host;
    private final ChannelDirectory directory;
    private final ChannelStates shards;
    private final ThreadStarts threads;

    /** Offers it; while the engine starts. */
    public static void offer(Services services, ServiceHost host, Storage storage, ChannelStates shards) {
        PostReader posts = new PostReader(storage);
        host.onEnd(posts::close);
        services.own(new ChannelService(host, storage.channels(), shards, posts).service());
    }

    private ChannelService(ServiceHost host, ChannelDirectory directory, ChannelStates shards, PostReader posts) {
        this.host = host;
        this.directory = directory;
        this.shards = shards;
        threads = new ThreadStarts(host, directory, this::look, posts);
    }

    private Service service() {
        return Service.named("freshet.v1.Channels")
                .method("Create", CreateChannel.parser(), this::create)
                .method("StartThread", StartThread.parser(), this::startThread)
                .method("OpenDirect", OpenDirect.parser(), this::openDirect)
                .method("Rename", RenameChannel.parser(), this::rename)
                .method("Archive", ArchiveChannel.parser(), this::archive)
                .method("Delete", DeleteChannel.parser(), this::delete)
                .build();
    }

    private CompletionStage<ChannelInfo> create(Caller caller, CreateChannel request) {
        String name = request.getName();
        String violation = ChannelName.violation(name);
        if (violation == null && InboxName.isReserved(name)) {
            violation = "names that begin with ~ are the server's";
        }
        if (violation != null) {
            throw refused(ErrorCode.INVALID_NAME, violation);
        }
        ChannelAttributes attributes = request.getAttributes().toBuilder()
                .setReplaces(0)
                .setChangedBy(caller.principal().id())
                .build();
        check(attributes);
        boolean isFirst = attributes.getKind() != ChannelKind.CHANNEL_KIND_THREAD
                && attributes.getKind() != ChannelKind.CHANNEL_KIND_DIRECT
                && !attributes.getDeleted();
        if (!isFirst) {
            throw refused(ErrorCode.INVALID_ATTRIBUTES, "no channel of this kind is made by its name");
        }
        return host.access(caller.principal(), name).thenCompose(access -> {
            if (!access.mayCreate()) {
                throw access.maySubscribe() || access.mayPublish()
                        ? refused(ErrorCode.FORBIDDEN, "this principal may not make the channel")
                        : unknown();
            }
            long channel = idOf(directory, name);
            return publish(channel, name, attributes);
        });
    }

    private CompletionStage<ChannelInfo> startThread(Caller caller, StartThread request) {
        long user = caller.principal().id();
        return host.unrevoked(
                List.of(user),
                () -> reach(caller, request.getChannel()),
                parent -> threads.start(user, parent, request));
    }

    private CompletionStage<ChannelInfo> openDirect(Caller caller, OpenDirect request) {
        SortedSet<Long> members = new TreeSet<>(Long::compareUnsigned);
        members.addAll(request.getMembersList());
        members.add(caller.principal().id());
        if (members.contains(0L)) {
            throw refused(ErrorCode.INVALID_ARGUMENT, "0 is no principal's id");
        }
        ChannelAttributes attributes = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_DIRECT)
                .setTitle(request.getTitle())
                .addAllMembers(members)
                .setReplaces(0)
                .setChangedBy(caller.principal().id())
                .build();
        check(attributes);
        String name = ReservedNames.ofDirect(members);
        return host.access(caller.principal(), name).thenCompose(access -> {
            if (!access.maySubscribe() && !access.mayPublish()) {
                throw unknown();
            }
            if (!access.mayCreate() && directory.find(name) == ChannelDirectory.NO_CHANNEL) {
                throw refused(ErrorCode.FORBIDDEN, "this principal may not make the channel");
            }
            long channel = idOf(directory, name);
            return look(channel)
                    .thenCompose(known -> known.attributes() == null
                            ? made(publish(channel, name, attributes), channel, name)
                            : CompletableFuture.completedFuture(info(channel, name, known)));
        });
    }

    /** What was made, or what somebody else has made meanwhile. */
    private CompletionStage<ChannelInfo> made(CompletionStage<ChannelInfo> making, long channel, String name) {
        return recover(making, failure -> {
            if (codeOf(failure) != ErrorCode.CHANNEL_EXISTS) {
                throw failure;
            }
            return look(channel).thenApply(known -> info(channel, name, known));
        });
    }

    private CompletionStage<ChannelInfo> rename(Caller caller, RenameChannel request) {
        return change(caller, request.getChannel(), ATTEMPTS, next -> {
            if (request.hasTitle()) {
                next.setTitle(request.getTitle());
            }
            return request.hasTopic() ? next.setTopic(request.getTopic()) : next;
        });
    }

    private CompletionStage<ChannelInfo> archive(Caller caller, ArchiveChannel request) {
        return change(caller, request.getChannel(), ATTEMPTS, next -> next.setArchived(request.getArchived()));
    }

    private CompletionStage<ChannelInfo> delete(Caller caller, DeleteChannel request) {
        return change(caller, request.getChannel(), ATTEMPTS, next -> {
            if (next.getKind() == ChannelKind.CHANNEL_KIND_DIRECT) {
                throw refused(ErrorCode.INVALID_ARGUMENT, "a direct channel is archived, and never deleted");
            }
            ChannelAttributes.Builder rest =
                    ChannelAttributes.newBuilder().setKind(next.getKind()).setDeleted(true);
            return next.hasParent() ? rest.setParent(next.getParent()) : rest;
        });
    }

    /** Changes what a channel is, from what it is then; again when somebody else was faster. */
    private CompletionStage<ChannelInfo> change(
            Caller caller, long channel, int attempts, UnaryOperator<ChannelAttributes.Builder> change) {
        return host.unrevoked(
                List.of(caller.principal().id()),
                () -> reach(caller, channel),
                reached -> change(caller, channel, reached, attempts, change));
    }

    private CompletionStage<ChannelInfo> change(
            Caller caller,
            long channel,
            ReachedChannel reached,
            int attempts,
            UnaryOperator<ChannelAttributes.Builder> change) {
        if (!reached.access().has(ChannelRight.MANAGE_CHANNEL)) {
            throw refused(ErrorCode.FORBIDDEN, "this principal may not change what the channel is");
        }
        KnownAttributes now = reached.attributes();
        ChannelAttributes before = now == null ? ChannelAttributes.getDefaultInstance() : now.message();
        ChannelAttributes.Builder next = change.apply(before.toBuilder());
        boolean isSame = next.build().equals(before);
        if (isSame && now != null) {
            return CompletableFuture.completedFuture(info(channel, reached.name(), reached.known()));
        }
        next.clearReplaces().setChangedBy(caller.principal().id());
        if (now != null) {
            next.setReplaces(now.sequence());
        }
        ChannelAttributes changed = next.build();
        check(changed);
        return recover(publish(channel, reached.name(), changed), failure -> {
            if (codeOf(failure) != ErrorCode.ATTRIBUTES_CHANGED || attempts <= 1) {
                throw failure;
            }
            return change(caller, channel, attempts - 1, change);
        });
    }

    /** The id of this name, given now when it has none. */
    static long idOf(ChannelDirectory directory, String name) {
        try {
            return directory.findOrCreate(name);
        } catch (StorageException e) {
            boolean isFull = e.reason() == StorageException.Reason.NO_SPACE;
            throw refused(
                    isFull ? ErrorCode.STORAGE_FULL : ErrorCode.CHANNEL_UNAVAILABLE,
                    "the name of the channel cannot be kept");
        }
    }

    /** The channel as this caller may know of it. */
    private CompletionStage<ReachedChannel> reach(Caller caller, long channel) {
        String name = channel == ChannelDirectory.NO_CHANNEL ? null : directory.name(channel);
        if (name == null) {
            throw unknown();
        }
        return host.access(caller.principal(), name).thenCompose(access -> {
            if (!access.maySubscribe() && !access.mayPublish()) {
                throw unknown();
            }
            return look(channel).thenApply(known -> reached(caller, channel, name, access, known));
        });
    }

    private static ReachedChannel reached(Caller caller, long channel, String name, Access access, KnownChannel known) {
        KnownAttributes attributes = known.attributes();
        boolean isThere = attributes == null
                ? !ReservedNames.needsAttributes(name)
                : !attributes.isDeleted()
                        && attributes.admits(caller.principal().id());
        if (!isThere) {
            throw unknown();
        }
        return new ReachedChannel(channel, name, access, known);
    }

    /** Completes on the services' thread. */
    private CompletionStage<KnownChannel> look(long channel) {
        return host.here(shards.look(channel));
    }

    private CompletionStage<ChannelInfo> publish(long channel, String name, ChannelAttributes attributes) {
        return host.publish(name, EventKind.ATTRIBUTES.code(), attributes.toByteArray())
                .thenApply(receipt -> ChannelInfo.newBuilder()
                        .setChannel(channel)
                        .setName(name)
                        .setAttributes(attributes)
                        .setAttributesSequence(receipt.sequence())
                        .build());
    }

    static ChannelInfo info(long channel, String name, KnownChannel known) {
        KnownAttributes attributes = known.attributes();
        if (attributes == null || attributes.isDeleted()) {
            throw unknown();
        }
        return ChannelInfo.newBuilder()
                .setChannel(channel)
                .setName(name)
                .setAttributes(attributes.message())
                .setAttributesSequence(attributes.sequence())
                .build();
    }

    static void check(ChannelAttributes attributes) {
        String violation = AttributeLimits.violation(attributes);
        if (violation != null) {
            throw refused(ErrorCode.INVALID_ATTRIBUTES, violation);
        }
    }

    static FreshetException refused(ErrorCode code, String message) {
        return FreshetException.refused(code, message, 0);
    }

    static FreshetException unknown() {
        return refused(ErrorCode.UNKNOWN_CHANNEL, "there is no such channel");
    }

    /** What the failure of a stage names; null when it names nothing. */
    static @Nullable ErrorCode codeOf(RuntimeException failure) {
        return failure instanceof FreshetException named ? named.code() : null;
    }

    /** What is done instead when a stage has failed. */
    @FunctionalInterface
    interface Recovery<T extends MessageLite> {
        CompletionStage<T> after(RuntimeException failure);
    }

    /** The stage, or what comes instead of it. */
    static <T extends MessageLite> CompletionStage<T> recover(CompletionStage<T> stage, Recovery<T> recovery) {
        return stage.<CompletionStage<T>>handle((result, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(result);
                    }
                    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
                    return recovery.after(
                            cause instanceof RuntimeException known ? known : new IllegalStateException(cause));
                })
                .thenCompose(next -> next);
    }
}
