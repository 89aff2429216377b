package io.freshet.engine.chat;

import com.google.protobuf.ByteString;
import io.freshet.engine.Access;
import io.freshet.engine.ChannelRight;
import io.freshet.engine.channel.AttributesFollower;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.channel.ReservedNames;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.notice.InboxReader;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.engine.service.ServiceHost;
import io.freshet.log.Storage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ChannelView;
import io.freshet.protocol.v1.ChannelViews;
import io.freshet.protocol.v1.EarlierTexts;
import io.freshet.protocol.v1.PinnedPosts;
import io.freshet.protocol.v1.ViewChannels;
import io.freshet.protocol.v1.ViewEdits;
import io.freshet.protocol.v1.ViewPins;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The service {@code freshet.v1.Views}: what is told of channels without their history. On the services' thread, which it blocks for
 * short reads of the index and the log. Who may not subscribe to a channel learns nothing of it.
 */
public final class ViewsService {
    /** Channels that one request may name. */
    static final int CHANNEL_COUNT = 100;

    /** Roles that one request may name: of each, {@link MentionList#LIMIT} posts are looked at in each channel. */
    static final int ROLE_COUNT = 20;

    /** Bytes of records in an answer about channels; beside them {@link #CHANNEL_COUNT} names and numbers fit into an answer. */
    static final int LAST_RECORDS_LENGTH = 20 * 1024;

    /** Bytes of records in an answer about one post; one that is longer alone is to be fetched. */
    static final int TEXTS_LENGTH = 60 * 1024;

    private final ServiceHost host;
    private final Storage storage;
    private final List<StoredRecords> shards = new ArrayList<>();
    private @Nullable InboxReader inboxes;

    /** Its readers are opened at its first use, on the services' thread, and closed when the services end. */
    public ViewsService(ServiceHost host, Storage storage) {
        this.host = host;
        this.storage = storage;
        host.onEnd(this::close);
    }

    /** Its methods. */
    public Service service() {
        return Service.named("freshet.v1.Views")
                .method("Channels", ViewChannels.parser(), this::channels)
                .method("Pins", ViewPins.parser(), this::pins)
                .method("Edits", ViewEdits.parser(), this::edits)
                .build();
    }

    // ---- channels

    private CompletionStage<ChannelViews> channels(Caller caller, ViewChannels request) {
        int count = request.getChannelsCount();
        if (count == 0 || count > CHANNEL_COUNT || request.getRolesCount() > ROLE_COUNT) {
            throw refused(
                    ErrorCode.INVALID_ARGUMENT,
                    "1 to " + CHANNEL_COUNT + " channels and up to " + ROLE_COUNT + " roles can be asked for, not "
                            + count + " and " + request.getRolesCount());
        }
        long user = caller.principal().id();
        return host.unrevoked(
                List.of(user),
                () -> allowed(caller, request),
                allowed -> CompletableFuture.completedStage(answer(allowed, user, request)));
    }

    /** Those of the channels asked for that the caller may subscribe to. */
    private CompletionStage<List<ViewChannels.Position>> allowed(Caller caller, ViewChannels request) {
        CompletionStage<List<ViewChannels.Position>> allowed = CompletableFuture.completedFuture(new ArrayList<>());
        for (ViewChannels.Position position : request.getChannelsList()) {
            String name = storage.channels().name(position.getChannel());
            if (name != null) {
                allowed = allowed.thenCombine(host.access(caller.principal(), name), (all, access) -> {
                    if (access.maySubscribe() && isThere(caller, position.getChannel(), name)) {
                        all.add(position);
                    }
                    return all;
                });
            }
        }
        return allowed;
    }

    private ChannelViews answer(List<ViewChannels.Position> positions, long user, ViewChannels request) {
        long[] roles =
                request.getRolesList().stream().mapToLong(Long::longValue).toArray();
        LongUnaryOperator marks = inboxes().marks(user);
        ChannelViews.Builder answer = ChannelViews.newBuilder();
        int recordsLength = 0;
        for (ViewChannels.Position position : positions) {
            long readUpTo = Math.max(position.getReadUpTo(), marks.applyAsLong(position.getChannel()));
            ChannelView.Builder view = view(position.getChannel(), readUpTo, user, roles);
            ByteString record = lastRecord(position.getChannel(), view.getLastPost());
            if (recordsLength + record.size() <= LAST_RECORDS_LENGTH) {
                recordsLength += record.size();
                view.setRecord(record);
            }
            answer.addChannels(view);
        }
        return answer.build();
    }

    private ChannelView.Builder view(long channel, long readUpTo, long user, long[] roles) {
        StoredRecords shard = shard(channel);
        ChatViews views = new ChatViews(shard.index());
        return shard.index().together(() -> {
            ChannelSummary summary = views.summary(channel);
            return ChannelView.newBuilder()
                    .setChannel(channel)
                    .setName(String.valueOf(storage.channels().name(channel)))
                    .setUpTo(views.upTo(channel))
                    .setPostCount(summary.count())
                    .setLastPost(views.lastPost(channel))
                    .setLastUs(summary.lastUs())
                    .addAllWriters(summary.writers())
                    .setReadUpTo(readUpTo)
                    .setUnreadCount(views.unreadCount(channel, readUpTo))
                    .setMentionCount(views.mentionCount(channel, readUpTo, user, roles));
        });
    }

    /** What the last post says now: its own record, or that of its last edit. */
    private ByteString lastRecord(long channel, long post) {
        if (post == 0) {
            return ByteString.EMPTY;
        }
        StoredRecords shard = shard(channel);
        List<Long> edits = new ChatViews(shard.index()).edits(channel, post);
        return shard.frame(channel, edits.isEmpty() ? post : edits.get(edits.size() - 1));
    }

    // ---- one channel

    private CompletionStage<PinnedPosts> pins(Caller caller, ViewPins request) {
        long channel = request.getChannel();
        return seen(caller, channel, access -> {
            StoredRecords shard = shard(channel);
            ChatViews views = new ChatViews(shard.index());
            return shard.index()
                    .together(() -> PinnedPosts.newBuilder()
                            .addAllPosts(views.pins(channel))
                            .setUpTo(views.upTo(channel))
                            .build());
        });
    }

    private CompletionStage<EarlierTexts> edits(Caller caller, ViewEdits request) {
        long channel = request.getChannel();
        return seen(caller, channel, access -> {
            if (!access.has(ChannelRight.SEE_EDITS)) {
                throw refused(ErrorCode.FORBIDDEN, "no right to see what posts said before");
            }
            return earlierTexts(channel, request.getPost(), request.getAfter());
        });
    }

    private EarlierTexts earlierTexts(long channel, long post, long after) {
        StoredRecords shard = shard(channel);
        EarlierTexts.Builder answer = EarlierTexts.newBuilder();
        int length = 0;
        for (long record : contents(shard, channel, post)) {
            ByteString frame = record > after ? shard.frame(channel, record) : ByteString.EMPTY;
            if (!frame.isEmpty() && frame.size() <= TEXTS_LENGTH) {
                if (length + frame.size() > TEXTS_LENGTH) {
                    return answer.setHasMore(true).build();
                }
                length += frame.size();
                answer.addRecords(frame);
            }
        }
        return answer.build();
    }

    /** The records that hold what a post says and has said, rising. */
    private static List<Long> contents(StoredRecords shard, long channel, long post) {
        ChatViews views = new ChatViews(shard.index());
        return shard.index().together(() -> {
            boolean isKept = post > 0 && post <= views.upTo(channel);
            if (isKept && views.isLive(channel, post)) {
                List<Long> all = new ArrayList<>(views.edits(channel, post));
                all.add(0, post);
                return all;
            }
            boolean isDeleted = isKept && views.post(channel, post).isDeleted();
            throw refused(
                    isDeleted ? ErrorCode.POST_DELETED : ErrorCode.NO_SUCH_POST,
                    "no texts of " + Long.toUnsignedString(post));
        });
    }

    /** What is in a channel, for who may subscribe to it. */
    private <T> CompletionStage<T> seen(Caller caller, long channel, Function<Access, T> what) {
        return host.unrevoked(
                List.of(caller.principal().id()),
                () -> access(caller, channel),
                access -> CompletableFuture.completedStage(what.apply(access)));
    }

    /** What the caller may do with a channel to which it may subscribe. */
    private CompletionStage<Access> access(Caller caller, long channel) {
        String name = storage.channels().name(channel);
        if (name == null) {
            throw unknown();
        }
        return host.access(caller.principal(), name).thenApply(access -> {
            if (!access.maySubscribe() || !isThere(caller, channel, name)) {
                throw unknown();
            }
            return access;
        });
    }

    /** Whether the channel itself lets the caller know of it. */
    private boolean isThere(Caller caller, long channel, String name) {
        KnownAttributes attributes = AttributesFollower.read(shard(channel).index(), channel);
        return attributes == null
                ? !ReservedNames.needsAttributes(name)
                : !attributes.isDeleted()
                        && attributes.admits(caller.principal().id());
    }

    private static FreshetException unknown() {
        return refused(ErrorCode.UNKNOWN_CHANNEL, "there is no such channel for this principal");
    }

    private static FreshetException refused(ErrorCode code, String message) {
        return FreshetException.refused(code, message, 0);
    }

    // ---- what it reads

    private StoredRecords shard(long channel) {
        while (shards.size() < storage.shardCount()) {
            shards.add(new StoredRecords(storage.log(shards.size()), storage.index(shards.size())));
        }
        return shards.get(ReaderProxy.shardOf(channel, shards.size()));
    }

    private InboxReader inboxes() {
        InboxReader reader = inboxes;
        if (reader == null) {
            reader = new InboxReader(storage);
            inboxes = reader;
        }
        return reader;
    }

    private void close() {
        shards.forEach(StoredRecords::close);
        shards.clear();
        if (inboxes != null) {
            inboxes.close();
            inboxes = null;
        }
    }
}
