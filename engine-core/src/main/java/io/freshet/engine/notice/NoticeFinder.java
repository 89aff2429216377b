package io.freshet.engine.notice;

import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.protocol.NotificationRule;
import io.freshet.protocol.PostPlace;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NoticeSource;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds whom a post concerns, by what it says and by what its users have set. Belongs to the notifier's thread.
 *
 * <p>One user hears of one post once, for the first reason that the user's settings let through: by name, as the author of what is
 * answered, as a member, for a role, as one of everyone. The first post of a thread answers the post that the thread belongs to. The author never hears, and nobody
 * hears of a silent post.
 */
final class NoticeFinder {
    /** The first post of a thread is found among so many of its records. */
    static final int FIRST_COUNT = 16;

    private static final List<Notice.Reason> PRECEDENCE = List.of(
            Notice.Reason.REASON_MENTION,
            Notice.Reason.REASON_REPLY,
            Notice.Reason.REASON_DIRECT,
            Notice.Reason.REASON_ROLE,
            Notice.Reason.REASON_EVERYONE);

    private final InboxReader inboxes;
    private final List<ShardPosts> shards;
    private final Counters<NoticeCounter> counters;
    private final Map<Long, Set<Notice.Reason>> reasons = new LinkedHashMap<>();

    /** @param shards all of them, by the time that it is used */
    NoticeFinder(InboxReader inboxes, List<ShardPosts> shards, Counters<NoticeCounter> counters) {
        this.inboxes = inboxes;
        this.shards = shards;
        this.counters = counters;
    }

    /** Receives what is found. */
    @FunctionalInterface
    interface Found {
        void onNotice(long user, Notice notice);
    }

    /** Whether the user's settings let this invitation through. */
    boolean wants(long user, Notice invitation) {
        PostPlace known = inboxes.place(invitation.getChannel());
        PostPlace place = known == null ? PostPlace.of(invitation.getChannel(), invitation.getChannelName()) : known;
        boolean isWanted = NotificationRule.notifies(
                inboxes.wishes(user).settings(), invitation.getReason(), place, invitation.getPostedUs());
        if (!isWanted) {
            counters.add(NoticeCounter.UNWANTED, 1);
        }
        return isWanted;
    }

    /**
     * Hands on a notice for everybody who is to hear of the post and has not.
     *
     * @param crowd who hears of it without being named
     * @param shard of the post
     */
    void find(StoredPost post, Crowd crowd, int shard, PostPlace place, Found found) {
        Content content = post.content();
        if (content.getSilent()) {
            return;
        }
        reasons.clear();
        for (Mention mention : content.getMentionsList()) {
            if (mention.hasUser()) {
                add(mention.getUser(), Notice.Reason.REASON_MENTION);
            }
        }
        if (content.getReplyTo() != 0) {
            add(author(post.channel(), content.getReplyTo()), Notice.Reason.REASON_REPLY);
        }
        if (place.isThread() && isFirst(post)) {
            add(author(place.parent(), place.parentPost()), Notice.Reason.REASON_REPLY);
        }
        for (long member : inboxes.members(post.channel())) {
            add(member, Notice.Reason.REASON_DIRECT);
        }
        crowd.ofRoles().forEach(user -> add(user, Notice.Reason.REASON_ROLE));
        crowd.everyone().forEach(user -> add(user, Notice.Reason.REASON_EVERYONE));
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
                .setChannelName(place.name())
                .setSource(NoticeSource.newBuilder()
                        .setShard(shard)
                        .setPosition(post.position())
                        .setIndex(post.index()));
        reasons.forEach((user, why) -> offer(user, why, place, notice, found));
    }

    /** Whether no post was there before in its channel. */
    private boolean isFirst(StoredPost post) {
        boolean isFirst = post.sequence() <= FIRST_COUNT;
        for (long earlier = 1; isFirst && earlier < post.sequence(); earlier++) {
            isFirst = !shard(post.channel()).isPost(post.channel(), earlier);
        }
        return isFirst;
    }

    private long author(long channel, long sequence) {
        return shard(channel).author(channel, sequence);
    }

    private ShardPosts shard(long channel) {
        return shards.get(ReaderProxy.shardOf(channel, shards.size()));
    }

    private void offer(long user, Set<Notice.Reason> why, PostPlace place, Notice.Builder notice, Found found) {
        Inbox inbox = inboxes.wishes(user);
        if (inbox.isBehind(notice.getSource())) {
            counters.add(NoticeCounter.REPEATED, 1);
            return;
        }
        for (Notice.Reason reason : PRECEDENCE) {
            if (why.contains(reason)
                    && NotificationRule.notifies(inbox.settings(), reason, place, notice.getPostedUs())) {
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
}
