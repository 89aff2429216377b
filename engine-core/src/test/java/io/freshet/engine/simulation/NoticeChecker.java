package io.freshet.engine.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.Storage;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import io.freshet.protocol.v1.ReadMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What inboxes must say, by the logs: of every post each user is told once, or not at all, as the user's settings want it that stood
 * when the server looked: those acknowledged before the post was sent, and any that came since. Nobody is told of a post of their own,
 * of a silent one, of one that is not there.
 */
final class NoticeChecker {
    private static final List<Notice.Reason> PRECEDENCE = List.of(
            Notice.Reason.REASON_MENTION,
            Notice.Reason.REASON_REPLY,
            Notice.Reason.REASON_DIRECT,
            Notice.Reason.REASON_EVERYONE);

    private record Place(long channel, long sequence) {}

    private record Post(Place place, String channelName, long author, long postedUs, Content content) {}

    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Item(long sequence, int kind, long sender, byte[] payload) {}

    /** What a user's inbox says up to some record. */
    private static final class State {
        final Map<NotificationSetting, NotificationSetting> settings = new HashMap<>();
        final Set<Long> marked = new HashSet<>();
    }

    private final List<Long> users;
    private final Map<String, List<Long>> members = new HashMap<>();
    /** By what a post says, which is different for each: what of each inbox was acknowledged before it was sent. */
    private final Map<String, Map<Long, Long>> known = new HashMap<>();

    private final Map<Long, Long> acknowledged = new HashMap<>();
    private final Map<Place, Post> posts =
            new TreeMap<>(Comparator.comparingLong(Place::channel).thenComparingLong(Place::sequence));
    private final Map<Long, List<Item>> inboxes = new HashMap<>();
    private long noticeCount;

    NoticeChecker(List<Long> users) {
        this.users = users;
    }

    /** A channel has these members, and nobody else. */
    void members(String channel, List<Long> all) {
        members.put(channel, all);
    }

    /** A user's setting is kept under this sequence of the inbox. */
    void acknowledged(long user, long sequence) {
        acknowledged.merge(user, sequence, Math::max);
    }

    /** A post that says this is sent now. */
    void sends(String text) {
        known.put(text, Map.copyOf(acknowledged));
    }

    long noticeCount() {
        return noticeCount;
    }

    int postCount() {
        return posts.size();
    }

    /** Reads all logs; returns what is not as it must be, null when everything is. */
    @Nullable
    String check(Storage storage) {
        posts.clear();
        inboxes.clear();
        for (int shard = 0; shard < storage.shardCount(); shard++) {
            try (LogReader reader = storage.log(shard).openReader()) {
                reader.toStart();
                while (reader.next()) {
                    read(storage, reader.document());
                }
            }
        }
        noticeCount = 0;
        for (long user : users) {
            String broken = check(user);
            if (broken != null) {
                return broken;
            }
        }
        return null;
    }

    private void read(Storage storage, LogDocument document) {
        for (int run = 0; document.kind() == LogDocument.Kind.RUNS && run < document.runCount(); run++) {
            String name = storage.channels().name(document.channel(run));
            long owner = name == null ? 0 : InboxName.owner(name).orElse(0);
            for (int i = 0; name != null && i < document.recordCount(run); i++) {
                byte[] bytes = new byte[document.recordLength(run, i)];
                document.buffer().getBytes(document.recordOffset(run, i), bytes);
                ByteBuf frame = Unpooled.wrappedBuffer(bytes);
                int kind = FrameHeader.kind(frame, 0);
                long sequence = document.firstSequence(run) + i;
                int offset = RecordFrame.payloadOffset(frame, 0, bytes.length);
                byte[] payload = Arrays.copyOfRange(bytes, offset, bytes.length);
                if (owner != 0) {
                    inboxes.computeIfAbsent(owner, key -> new ArrayList<>())
                            .add(new Item(sequence, kind, RecordFrame.sender(frame, 0), payload));
                } else if (kind == EventKind.POST.code()) {
                    Place place = new Place(document.channel(run), sequence);
                    posts.put(
                            place,
                            new Post(
                                    place,
                                    name,
                                    RecordFrame.sender(frame, 0),
                                    RecordFrame.timestampUs(frame, 0),
                                    parse(Content.parser(), payload)));
                }
            }
        }
    }

    private static <T> T parse(Parser<T> parser, byte[] payload) {
        try {
            return parser.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a record that cannot be read", e);
        }
    }

    private @Nullable String check(long user) {
        List<Item> inbox = inboxes.getOrDefault(user, List.of());
        Map<Place, Item> notices = new HashMap<>();
        for (Item item : inbox) {
            if (item.kind == EventKind.NOTICE.code()) {
                noticeCount++;
                Notice notice = parse(Notice.parser(), item.payload);
                Post post = posts.get(new Place(notice.getChannel(), notice.getSequence()));
                if (item.sender != 0 || post == null) {
                    return user + " was told by " + item.sender + " of what is not there: " + notice;
                }
                if (notices.put(post.place, item) != null) {
                    return user + " was told twice: " + notice;
                }
                if (notice.getAuthor() != post.author
                        || notice.getPostedUs() != post.postedUs
                        || !notice.getChannelName().equals(post.channelName)) {
                    return user + " was told of " + post + " otherwise: " + notice;
                }
            }
        }
        for (Post post : posts.values()) {
            Item told = notices.get(post.place);
            Notice.Reason why =
                    told == null ? null : parse(Notice.parser(), told.payload).getReason();
            if (!mayBe(user, inbox, post, why, told == null ? Long.MAX_VALUE : told.sequence)) {
                return user + " was told " + why + " of " + post + "; of the inbox "
                        + known.getOrDefault(post.content.getText(), Map.of()).get(user) + " was acknowledged before";
            }
        }
        return null;
    }

    /** Whether this is what the user's settings want, as they stood at some time between what counts in any case and this sequence. */
    private boolean mayBe(long user, List<Item> inbox, Post post, Notice.@Nullable Reason why, long before) {
        long from = known.getOrDefault(post.content.getText(), Map.of()).getOrDefault(user, 0L);
        State state = new State();
        boolean isReached = from == 0 && why == reason(user, state, post);
        for (Item item : inbox) {
            if (item.sequence >= before || isReached) {
                break;
            }
            apply(state, item);
            isReached = item.sequence >= from && why == reason(user, state, post);
        }
        return isReached;
    }

    private static void apply(State state, Item item) {
        if (item.kind == EventKind.SETTING.code()) {
            NotificationSetting setting = parse(NotificationSetting.parser(), item.payload);
            state.settings.put(
                    setting.toBuilder()
                            .clearLevel()
                            .clearMutedUntilUs()
                            .clearMutesMentions()
                            .build(),
                    setting);
        } else if (item.kind == EventKind.READ.code()) {
            state.marked.add(parse(ReadMark.parser(), item.payload).getChannel());
        }
    }

    /** Why a user is told of a post; null when not at all. */
    private Notice.@Nullable Reason reason(long user, State state, Post post) {
        if (post.author == user || post.content.getSilent()) {
            return null;
        }
        for (Notice.Reason reason : PRECEDENCE) {
            if (concerns(user, state, post, reason) && wants(state, post, reason)) {
                return reason;
            }
        }
        return null;
    }

    private boolean concerns(long user, State state, Post post, Notice.Reason reason) {
        List<Mention> mentions = post.content.getMentionsList();
        return switch (reason) {
            case REASON_MENTION -> mentions.stream().anyMatch(each -> each.hasUser() && each.getUser() == user);
            case REASON_REPLY -> {
                Post answered = posts.get(new Place(post.place.channel, post.content.getReplyTo()));
                yield answered != null && answered.author == user;
            }
            case REASON_DIRECT ->
                members.getOrDefault(post.channelName, List.of()).contains(user);
            default ->
                mentions.stream().anyMatch(Mention::hasEveryone)
                        && (state.marked.contains(post.place.channel)
                                || state.settings.values().stream()
                                        .anyMatch(
                                                each -> each.getChannel() == post.place.channel && saysAnything(each)));
        };
    }

    private static boolean saysAnything(NotificationSetting setting) {
        return setting.getLevel() != NotificationLevel.NOTIFICATION_LEVEL_UNSPECIFIED
                || setting.getMutedUntilUs() != 0
                || setting.getMutesMentions();
    }

    private static boolean wants(State state, Post post, Notice.Reason reason) {
        NotificationLevel level = NotificationLevel.NOTIFICATION_LEVEL_ALL;
        int narrowest = -1;
        for (NotificationSetting setting : state.settings.values()) {
            int narrowness = setting.hasEverywhere()
                    ? 0
                    : setting.hasSpace()
                            ? (post.channelName.startsWith(setting.getSpace())
                                    ? setting.getSpace().length()
                                    : -1)
                            : setting.getChannel() == post.place.channel ? Integer.MAX_VALUE : -1;
            if (narrowness < 0) {
                continue;
            }
            boolean isMuted = Long.compareUnsigned(setting.getMutedUntilUs(), post.postedUs) > 0;
            if (isMuted && (reason != Notice.Reason.REASON_MENTION || setting.getMutesMentions())) {
                return false;
            }
            if (setting.getLevel() != NotificationLevel.NOTIFICATION_LEVEL_UNSPECIFIED && narrowness > narrowest) {
                narrowest = narrowness;
                level = setting.getLevel();
            }
        }
        return switch (level) {
            case NOTIFICATION_LEVEL_ALL -> true;
            case NOTIFICATION_LEVEL_MENTIONS ->
                reason == Notice.Reason.REASON_MENTION || reason == Notice.Reason.REASON_EVERYONE;
            default -> false;
        };
    }

    /** Up to where a user has read a channel, by the log: marks only rise. */
    long readUpTo(long user, long channel) {
        long highest = 0;
        for (Item item : inboxes.getOrDefault(user, List.of())) {
            if (item.kind == EventKind.READ.code()) {
                ReadMark mark = parse(ReadMark.parser(), item.payload);
                highest = mark.getChannel() == channel ? Math.max(highest, mark.getSequence()) : highest;
            }
        }
        return highest;
    }

    /** The notices of an inbox by their sequences there. */
    List<Long> noticesOf(long user) {
        return inboxes.getOrDefault(user, List.of()).stream()
                .filter(item -> item.kind == EventKind.NOTICE.code())
                .map(Item::sequence)
                .toList();
    }

    /** What a user has set, by the log. */
    Set<NotificationSetting> settingsOf(long user) {
        State state = new State();
        inboxes.getOrDefault(user, List.of()).forEach(item -> apply(state, item));
        Set<NotificationSetting> said = new HashSet<>(state.settings.values());
        said.removeIf(setting -> !saysAnything(setting));
        return said;
    }
}
