package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.protocol.NotificationRule;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NoticeSource;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Finds whom a post concerns, by what it says and by what its users have set. Belongs to the notifier's thread.
 *
 * <p>One user hears of one post once, for the first reason that the user's settings let through: by name, as the author of what is
 * answered, as a member, as one of everyone. The author never does, and nobody hears of a silent post.
 */
final class NoticeFinder {
    /** Users who hear of one post because it names everyone: those who have read the furthest. */
    static final int EVERYONE_LIMIT = 1_000;

    private static final List<Notice.Reason> PRECEDENCE = List.of(
            Notice.Reason.REASON_MENTION,
            Notice.Reason.REASON_REPLY,
            Notice.Reason.REASON_DIRECT,
            Notice.Reason.REASON_EVERYONE);

    private record Reader(long user, long readUpTo) {}

    private final InboxReader inboxes;
    private final Counters<NoticeCounter> counters;
    private final Map<Long, Set<Notice.Reason>> reasons = new LinkedHashMap<>();

    NoticeFinder(InboxReader inboxes, Counters<NoticeCounter> counters) {
        this.inboxes = inboxes;
        this.counters = counters;
    }

    /** Receives what is found. */
    @FunctionalInterface
    interface Found {
        void onNotice(long user, Notice notice);
    }

    /** Whether the user's settings let this invitation through. */
    boolean wants(long user, Notice invitation) {
        boolean isWanted = NotificationRule.notifies(
                inboxes.wishes(user).settings(),
                invitation.getReason(),
                invitation.getChannel(),
                invitation.getChannelName(),
                invitation.getPostedUs());
        if (!isWanted) {
            counters.add(NoticeCounter.UNWANTED, 1);
        }
        return isWanted;
    }

    /** Hands on a notice for everybody who is to hear of the post and has not. */
    void find(StoredPost post, ShardPosts shard, int shardIndex, String channelName, Found found) {
        Content content = post.content();
        if (content.getSilent()) {
            return;
        }
        reasons.clear();
        boolean isForEveryone = false;
        for (Mention mention : content.getMentionsList()) {
            if (mention.hasUser()) {
                add(mention.getUser(), Notice.Reason.REASON_MENTION);
            }
            isForEveryone |= mention.hasEveryone();
        }
        if (content.getReplyTo() != 0) {
            add(shard.author(post.channel(), content.getReplyTo()), Notice.Reason.REASON_REPLY);
        }
        for (long member : inboxes.members(post.channel())) {
            add(member, Notice.Reason.REASON_DIRECT);
        }
        if (isForEveryone) {
            addEveryone(post);
        }
        reasons.remove(post.author());
        reasons.remove(0L);
        if (reasons.isEmpty()) {
            return;
        }
        Notice.Builder notice = Notice.newBuilder()
                .setChannel(post.channel())
                .setSequence(post.sequence())
                .setAuthor(post.author())
                .setPostedUs(post.postedUs())
                .setChannelName(channelName)
                .setSource(NoticeSource.newBuilder()
                        .setShard(shardIndex)
                        .setPosition(post.position())
                        .setIndex(post.index()));
        reasons.forEach((user, why) -> offer(user, why, post, notice, found));
    }

    private void offer(long user, Set<Notice.Reason> why, StoredPost post, Notice.Builder notice, Found found) {
        Inbox inbox = inboxes.wishes(user);
        if (inbox.isBehind(notice.getSource())) {
            counters.add(NoticeCounter.REPEATED, 1);
            return;
        }
        for (Notice.Reason reason : PRECEDENCE) {
            if (why.contains(reason)
                    && NotificationRule.notifies(
                            inbox.settings(), reason, post.channel(), notice.getChannelName(), post.postedUs())) {
                found.onNotice(user, notice.setReason(reason).build());
                return;
            }
        }
        counters.add(NoticeCounter.UNWANTED, 1);
    }

    private void add(long user, Notice.Reason reason) {
        reasons.computeIfAbsent(user, key -> EnumSet.noneOf(Notice.Reason.class))
                .add(reason);
    }

    /** A mark is what its user says, and counts no further than the channel goes. */
    private void addEveryone(StoredPost post) {
        PriorityQueue<Reader> furthest = new PriorityQueue<>(
                Comparator.comparingLong(Reader::readUpTo).thenComparing(Reader::user, Comparator.reverseOrder()));
        inboxes.users(post.channel(), (user, said) -> {
            furthest.add(new Reader(user, Math.min(said, post.sequence())));
            if (furthest.size() > EVERYONE_LIMIT) {
                furthest.remove();
                counters.add(NoticeCounter.BEYOND_EVERYONE, 1);
            }
        });
        furthest.forEach(reader -> add(reader.user, Notice.Reason.REASON_EVERYONE));
    }
}
